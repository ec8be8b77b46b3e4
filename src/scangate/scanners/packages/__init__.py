"""Known vulnerabilities of what is installed in an image: our own inventory against our own advisories."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scangate import __version__
from scangate.core.model import Asked, Data, Finding, Gap, Item, Kind, Note, Package, Target, Tool
from scangate.scanners import Context, Found, Need
from scangate.scanners.packages.finding import NAME, finding
from scangate.scanners.packages.origin import BASE, Origin, origin
from scangate.scanners.packages.release import outlived

if TYPE_CHECKING:
    from scangate.advisories import Store
    from scangate.inventory.os_release import Release

LOCAL: Final = "local"
API: Final = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inventory:
    """What there is to judge, and where it comes from."""

    items: "tuple[Package | Gap, ...]"
    release: "Release"
    origin: Origin
    about: tuple[Tool | Note, ...] = ()


class Packages:
    """Reads the image itself, or its SBOM: no daemon, no engine, and no network unless the config says so."""

    name = NAME
    summary = "known vulnerabilities of the packages in an image or an SBOM, from OSV advisories"
    kinds = frozenset({Kind.IMAGE, Kind.SBOM})
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "advisories": {
                "enum": [LOCAL, API],
                "description": "local: what `scangate advisories sync` stored (the default). "
                "api: ask OSV about each package; the names and versions of your packages leave the machine.",
            }
        },
    }
    timeout = 600.0

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - it needs nothing
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        yield Tool(name="scangate", version=__version__)
        ctx.tell("reading the packages")
        inventory = _sbom(target, ctx) if target.kind is Kind.SBOM else _image(target, ctx)
        yield from inventory.about
        yield Asked(unit="packages", count=len(inventory.items))
        yield from inventory.items
        packages = [item for item in inventory.items if isinstance(item, Package)]
        # Their distribution is a gap already; but each of them is a package that nobody looked at.
        unknown = "it is of no ecosystem that has advisories"
        yield from (Gap(what=each.purl, reason=unknown) for each in packages if not each.ecosystem)
        if gone := outlived(inventory.release, target, ctx.today):
            yield gone
        yield from _judge([each for each in packages if each.ecosystem], inventory.origin, target, ctx)


def _image(target: Target, ctx: Context) -> _Inventory:
    from scangate.inventory import catalogue
    from scangate.inventory.os_release import release
    from scangate.scanners.images import opened

    with opened(target, ctx) as (rootfs, files):
        return _Inventory(items=catalogue(files), release=release(files), origin=origin(rootfs))


def _sbom(target: Target, ctx: Context) -> _Inventory:
    from scangate.inventory.sbom import read_sbom

    document = read_sbom(ctx.root / target.address, ctx.check)
    about: list[Tool | Note] = [*document.tools]
    if document.left_out:
        about.append(Note(text=f"{document.left_out} components are no part of what is delivered, says the SBOM"))
    return _Inventory(items=document.items, release=document.release, origin=Origin(), about=tuple(about))


def _judge(packages: list[Package], origin: Origin, target: Target, ctx: Context) -> Iterator[Item]:
    from scangate.advisories import StoreMissingError, Vulnerability, match

    if not packages:
        return
    ecosystems = {package.ecosystem for package in packages}
    try:
        store = _store(packages, ctx)
    except StoreMissingError:
        yield from (Data(name=f"OSV {each}", as_of=None) for each in sorted(ecosystems))
        return
    found: list[Finding] = []
    with store:
        yield from _data(ecosystems, store)
        ctx.tell(f"matching {len(packages)} packages with advisories")
        for each in match(packages, store, ctx.check):
            if isinstance(each, Vulnerability):
                found.append(finding(each, target, origin))
                yield found[-1]
            else:
                yield Gap(what=each.package.purl, reason=f"it cannot be compared with advisories: {each.reason}")
    yield from _base(found, origin)


def _store(packages: list[Package], ctx: Context) -> "Store":
    from scangate.advisories import Store
    from scangate.advisories.api import fetch

    if ctx.options.get("advisories") == API:
        return fetch(packages, ctx.home, ctx.check, ctx.tell)
    return Store.open(ctx.home)


def _data(ecosystems: Iterable[str], store: "Store") -> Iterator[Data]:
    held = {each.ecosystem: each for each in store.holdings()}
    for ecosystem in sorted(ecosystems):
        name = f"OSV {ecosystem}"
        if holding := held.get(ecosystem):
            yield Data(name=name, as_of=holding.as_of, version=holding.newest, records=holding.records)
        else:
            yield Data(name=name, as_of=None)


def _base(found: list[Finding], origin: Origin) -> Iterator[Note]:
    """Say how much of the work is the base image's."""
    if not origin.base or not origin.base.layers:
        return
    theirs = [each for each in found if ("comes from", BASE) in {fact for one in each.evidence for fact in one.facts}]
    fixable = sum(each.fix is not None for each in theirs)
    yield Note(
        text=f"{len(theirs)} of {len(found)} findings came with {origin.base_name} (its {origin.base.layers} lowest "
        f"layers: {origin.base.how}); an updated build of it can clear {fixable} of them, the others are in your layers"
    )
