"""Known vulnerabilities of what is installed in an image: our own inventory against our own advisory store."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from scangate import __version__
from scangate.core.model import (
    Asked,
    Data,
    Evidence,
    Finding,
    Fix,
    Gap,
    Item,
    Kind,
    Location,
    Package,
    Severity,
    Target,
    Tool,
)
from scangate.scanners import Context, Found, Need

if TYPE_CHECKING:
    from scangate.advisories import Store, Vulnerability
    from scangate.rootfs import Layer

NAMED: Final = 5
"""Copies of a package that a message names; the evidence has them all."""


class Packages:
    """Reads the image itself: no daemon, no engine, no network."""

    name = "packages"
    summary = "known vulnerabilities of the packages in an image, from OSV advisories"
    kinds = frozenset({Kind.IMAGE})
    options: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
    timeout = 600.0

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - it needs nothing
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.inventory import catalogue
        from scangate.rootfs import open_rootfs

        yield Tool(name="scangate", version=__version__)
        ctx.tell("reading the packages")
        with open_rootfs(target.address, ctx.root, check=ctx.check) as rootfs:
            items = catalogue(rootfs)
            layers = {layer.digest: layer for layer in rootfs.layers}
        yield Asked(unit="packages", count=len(items))
        yield from items
        packages = [item for item in items if isinstance(item, Package)]
        # Their distribution is a gap already; but each of them is a package that nobody looked at.
        unknown = "it is of no ecosystem that has advisories"
        yield from (Gap(what=each.purl, reason=unknown) for each in packages if not each.ecosystem)
        yield from _judge([each for each in packages if each.ecosystem], target, ctx, layers)


def _judge(packages: list[Package], target: Target, ctx: Context, layers: "Mapping[str, Layer]") -> Iterator[Item]:
    from scangate.advisories import Store, StoreMissingError, Vulnerability, match

    ecosystems = {package.ecosystem for package in packages}
    try:
        store = Store.open(ctx.home)
    except StoreMissingError:
        yield from (Data(name=f"OSV {each}", as_of=None) for each in sorted(ecosystems))
        return
    with store:
        yield from _data(ecosystems, store)
        ctx.tell(f"matching {len(packages)} packages with advisories")
        for found in match(packages, store, ctx.check):
            if isinstance(found, Vulnerability):
                yield _finding(found, target, layers)
            else:
                yield Gap(what=found.package.purl, reason=f"it cannot be compared with advisories: {found.reason}")


def _data(ecosystems: Iterable[str], store: "Store") -> Iterator[Data]:
    held = {each.ecosystem: each for each in store.holdings()}
    for ecosystem in sorted(ecosystems):
        name = f"OSV {ecosystem}"
        if holding := held.get(ecosystem):
            yield Data(name=name, as_of=holding.as_of, version=holding.newest, records=holding.records)
        else:
            yield Data(name=name, as_of=None)


def _finding(found: "Vulnerability", target: Target, layers: "Mapping[str, Layer]") -> Finding:
    advisories = found.advisories
    rating, rated_by = found.rating or (None, "")
    severity, source = Severity.UNKNOWN, "no severity in the advisories"
    if rating:
        severity = rating.severity
        source = f"{rating.basis} in {rated_by}" if rating.cvss else f"{rated_by} ({rating.basis})"
    summary = next((each.summary for each in advisories if each.summary), "")
    return Finding(
        rule=found.rule,
        target=target.id,
        subject=_subject(found.packages[0]),
        title=summary or f"{found.name}: {found.rule}",
        severity=severity,
        severity_source=source,
        location=Location(logical=found.packages[0].purl),
        message=_message(found, layers),
        seen_by=(Packages.name,),
        help_uri=next((each.help_uri for each in advisories if each.help_uri), ""),
        fix=_fix(found),
        aliases=found.aliases,
        cvss=rating.cvss if rating else None,
        cwes=tuple(sorted({cwe for each in advisories for cwe in each.cwes})),
        evidence=tuple(_evidence(found, package, layers) for package in found.packages),
        published=min((each.published for each in advisories if each.published), default=None),
    )


def _fix(found: "Vulnerability") -> Fix | None:
    """All findings of a package share one fix, because one upgrade is one piece of work."""
    if not found.upgrades:
        return None
    return Fix(summary=f"upgrade {found.name} to {' and '.join(found.upgrades)}", version=found.upgrades[-1])


def _subject(package: Package) -> str:
    """Write the purl without its version; that of the source package, where a distribution built it from one."""
    bare = package.purl.partition("?")[0].rpartition("@")[0]
    if not package.source:
        return bare
    return f"{bare.rpartition('/')[0]}/{quote(package.source.lower(), safe=':')}"


def _message(found: "Vulnerability", layers: "Mapping[str, Layer]") -> str:
    copies = [
        ", ".join(filter(None, (_installed(each), _layer(each, layers, "in layer "), *each.paths[:1])))
        for each in found.packages[:NAMED]
    ]
    if (more := len(found.packages) - NAMED) > 0:
        copies.append(f"and {more} more")
    fixes = dict.fromkeys(hit.match.fixed for hit in found.hits if hit.match.fixed)
    fixed = f"fixed in {' and '.join(fixes)}" if fixes else "no fix is known"
    return f"Installed: {'; '.join(copies)}. {found.rule} affects this version: {fixed}."


def _evidence(found: "Vulnerability", package: Package, layers: "Mapping[str, Layer]") -> Evidence:
    from scangate.advisories import matched_as

    _name, version = matched_as(package)
    facts = [("installed", _installed(package))]
    if package.layer:
        facts.append(("layer", _layer(package, layers)))
    facts += [("path", path) for path in package.paths]
    for hit in found.hits:
        if hit.version == version:
            facts += [("advisory", hit.advisory.id), ("range", hit.match.range)]
    facts += [("not affected according to", name) for dissenting, name in found.dissent if dissenting == version]
    return Evidence(source=Packages.name, facts=tuple(facts))


def _installed(package: Package) -> str:
    text = f"{package.name} {package.version}"
    if package.source_version not in {"", package.version}:
        return f"{text} (source {package.source} {package.source_version})"
    return f"{text} (source {package.source})" if package.source else text


def _layer(package: Package, layers: "Mapping[str, Layer]", prefix: str = "") -> str:
    """Name a layer by its digest, and by its number from 1 at the bottom and its build step where they are known."""
    if not package.layer:
        return ""
    layer = layers.get(package.layer)
    step = f" (#{layer.index + 1} {layer.created_by[:120]}".rstrip() + ")" if layer else ""
    return f"{prefix}{package.layer}{step}"
