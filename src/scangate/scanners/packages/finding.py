"""A vulnerability of installed packages as a finding: what is installed where, why it matches, and what clears it."""

from typing import TYPE_CHECKING, Final

from scangate.core.identity import package_subject
from scangate.core.model import Confidence, Evidence, Finding, Fix, Location, Package, Severity, Target
from scangate.scanners.packages.origin import BASE, OWN, Origin

if TYPE_CHECKING:
    from scangate.advisories import Vulnerability

NAME: Final = "packages"
_UNFIXED: Final = {"will not fix": "its distribution says that it will not be fixed"}
NAMED: Final = 5
"""Copies of a package that a message names; the evidence has them all."""


def finding(found: "Vulnerability", target: Target, origin: Origin) -> Finding:
    """Say it in all detail; what another engine saw of it can be put beside that."""
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
        subject=package_subject(found.packages[0]),
        title=summary or f"{found.name}: {found.rule}",
        severity=severity,
        severity_source=source,
        location=Location(logical=found.packages[0].purl),
        message=_message(found, origin),
        seen_by=(NAME,),
        help_uri=next((each.help_uri for each in advisories if each.help_uri), ""),
        fix=_fix(found, target, origin),
        aliases=found.aliases,
        cvss=rating.cvss if rating else None,
        confidence=_confidence(found),
        cwes=tuple(sorted({cwe for each in advisories for cwe in each.cwes})),
        evidence=tuple(_evidence(found, package, origin) for package in found.packages),
        published=min((each.published for each in advisories if each.published), default=None),
    )


def _confidence(found: "Vulnerability") -> Confidence:
    held = max(each.confidence for each in found.packages)
    return min(held, Confidence.FIRM) if found.doubt else held


def _fix(found: "Vulnerability", target: Target, origin: Origin) -> Fix | None:
    """Findings that one piece of work clears share its summary.

    One upgrade clears all findings of a package, and one rebuild all that the distribution has fixed since in packages
    that came with the base image.
    """
    if not found.upgrades:
        return None
    summary = f"upgrade {found.name} to {' and '.join(found.upgrades)}"
    if found.packages[0].source and origin.of(found.packages) == BASE:
        summary = f"rebuild {target.id} on an updated build of {origin.base_name}, or upgrade its packages in yours"
    return Fix(summary=summary, version=found.upgrades[-1])


def _message(found: "Vulnerability", origin: Origin) -> str:
    copies = [
        ", ".join(filter(None, (_installed(each), origin.layer(each, "in layer "), *each.paths[:1])))
        for each in found.packages[:NAMED]
    ]
    if (more := len(found.packages) - NAMED) > 0:
        copies.append(f"and {more} more")
    fixes = dict.fromkeys(hit.match.fixed for hit in found.hits if hit.match.fixed)
    fixed = f"fixed in {' and '.join(fixes)}" if fixes else _UNFIXED.get(found.fix_state, "no fix is known")
    place = {BASE: f" It came with {origin.base_name}.", OWN: " It is in your own layers."}.get(
        origin.of(found.packages), ""
    )
    return f"Installed: {'; '.join(copies)}. {found.rule} affects this version: {fixed}.{place}"


def _evidence(found: "Vulnerability", package: Package, origin: Origin) -> Evidence:
    from scangate.advisories import matched_as

    _name, version = matched_as(package)
    facts = [("installed", _installed(package)), ("package", package.purl)]
    if package.layer:
        facts.append(("layer", origin.layer(package)))
    if of := origin.of([package]):
        facts.append(("comes from", of))
    facts += [("path", path) for path in package.paths]
    if package.confidence < Confidence.CONFIRMED:
        facts.append(("certainty", "declared or said of itself, and not seen installed by a package manager"))
    for hit in found.hits:
        if hit.version == version:
            facts += [("advisory", hit.advisory.id), ("range", hit.match.range)]
    if not found.upgrades:
        facts.append(("status", found.fix_state))
    if found.doubt:
        facts.append(("doubt", found.doubt))
    facts += [("not affected according to", name) for dissenting, name in found.dissent if dissenting == version]
    return Evidence(source=NAME, facts=tuple(facts))


def _installed(package: Package) -> str:
    text = f"{package.name} {package.version}"
    if package.source_version not in {"", package.version}:
        return f"{text} (source {package.source} {package.source_version})"
    return f"{text} (source {package.source})" if package.source else text
