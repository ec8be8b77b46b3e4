"""From grype's JSON to items. Pure: reads what a run here wrote, and reports made elsewhere, since grype 0.1.

grype lists what matched, and not what it compared: the whole target is the one thing that is asked for.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from scangate.core.identity import package_subject
from scangate.core.model import Asked, Data, Evidence, Finding, Fix, Gap, Item, Location, Note, Package, Severity
from scangate.errors import ScanError
from scangate.inventory.ecosystems import released
from scangate.inventory.os_release import Release
from scangate.scanners.grype.matched import cvss, epss, exploited, objects, package, text

DATABASE: Final = "grype-db"
_AGAIN: Final = "run it again; if it stays, report it"
_SEVERITIES: Final = {"critical": 5, "high": 4, "medium": 3, "low": 2, "negligible": 1, "unknown": 0}
_STATES: Final = {
    "fixed": "fixed",
    "not-fixed": "affected, no fix yet",
    "wont-fix": "will not fix",
    "unknown": "no fix is known",
}
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{1,99}")


def parse(report: bytes, target: str, check: Callable[[], None] = lambda: None) -> Iterator[Item]:
    """Read a report: its data, each match, a gap for each that cannot be used, and what was asked.

    Raises ScanError when it is no whole report of grype.
    """
    document = _document(report)
    yield _data(document["descriptor"])
    distro = document.get("distro")
    distro = distro if isinstance(distro, dict) else {}
    system = released(text(distro.get("name")), text(distro.get("version")))
    gaps = 0
    for match in document["matches"]:
        check()
        item = _item(match, system, target)
        gaps += isinstance(item, Gap)
        yield item
    if ignored := len(list(objects(document.get("ignoredMatches")))):
        yield Note(text=f"grype left out {ignored} matches by rules of its own")
    yield Asked(unit="images", count=1 + gaps)


def _document(report: bytes) -> dict[str, Any]:
    try:
        document = json.loads(report)
    except (ValueError, RecursionError) as error:
        what = f"what is not JSON, or was cut off ({str(error)[:100]})" if report.strip() else "no output"
        raise ScanError(f"grype gave {what}", advice=_AGAIN) from None
    if not isinstance(document, dict) or not isinstance(document.get("matches"), list):
        raise ScanError("grype gave JSON that is no report of grype", advice=_AGAIN)
    descriptor = document.get("descriptor")
    if not document.get("source") or not isinstance(descriptor, dict) or descriptor.get("name") != "grype":
        raise ScanError(
            "grype gave a report without its end: what it scanned, and with what, is missing", advice=_AGAIN
        )
    return document


def _data(descriptor: dict[str, Any]) -> Data:
    """Read which data the run relied on: since schema 6 they are one level deeper."""
    known = descriptor.get("db")
    known = known if isinstance(known, dict) else {}
    status = known.get("status")
    known = status if isinstance(status, dict) else known
    valid = known.get("valid", True) is not False and not known.get("error")
    return Data(
        name=DATABASE,
        as_of=_day(known.get("built")) if valid else None,
        version=str(known.get("schemaVersion") or "")[:40],
    )


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(text(value)[:10])
    except ValueError:
        return None


def _item(match: Any, system: Release, target: str) -> Finding | Gap:
    match = match if isinstance(match, dict) else {}
    vulnerability, artifact = match.get("vulnerability"), match.get("artifact")
    vulnerability = vulnerability if isinstance(vulnerability, dict) else {}
    artifact = artifact if isinstance(artifact, dict) else {}
    rule, name = text(vulnerability.get("id")), text(artifact.get("name"))
    about = f"{name or 'a package'}: {rule or 'no id'}"[:300]
    if not _ID.fullmatch(rule) or not name:
        return Gap(what=about, reason="grype reports something without a usable id or package")
    try:
        found = package(artifact, system)
    except ValueError as error:
        return Gap(what=about, reason=f"grype reports it, but {str(error)[:300]}")
    return _finding(match, vulnerability, found, rule, target)


def _finding(match: dict[str, Any], vulnerability: dict[str, Any], found: Package, rule: str, target: str) -> Finding:
    related = tuple(objects(match.get("relatedVulnerabilities")))
    fix = vulnerability.get("fix")
    fix = fix if isinstance(fix, dict) else {"versions": [vulnerability.get("fixedInVersion")]}
    versions = fix.get("versions")
    fixes = tuple(filter(None, map(text, versions if isinstance(versions, list) else ())))
    status = _STATES.get(text(fix.get("state")), "fixed" if fixes else "no fix is known")
    names = sorted({text(each.get("id")) for each in related} - {rule, ""})
    cves = [each for each in names if each.startswith("CVE-")]
    severity = text(vulnerability.get("severity"))
    space = text(vulnerability.get("namespace"))
    links = [text(vulnerability.get("dataSource")), *map(text, vulnerability.get("links") or ())]
    name = found.source or found.name
    description = next(filter(None, (text(each.get("description")) for each in (vulnerability, *related))), "")
    return Finding(
        rule=rule,
        target=target,
        subject=package_subject(found),
        title=description.partition("\n")[0][:200] or f"{name}: {rule}",
        severity=Severity(_SEVERITIES.get(severity.lower(), 0)),
        severity_source=f"{space} by grype" if space else "grype",
        location=Location(logical=found.purl),
        message=f"Installed: {found.name} {found.version}. grype: {rule} affects this version: "
        + (f"fixed in {', '.join(fixes)}." if fixes else f"{status}."),
        seen_by=("grype",),
        help_uri=next(filter(None, links), ""),
        fix=Fix(summary=f"upgrade {name} to {fixes[-1]}", version=fixes[-1]) if fixes else None,
        # An advisory about several vulnerabilities is no other name of any of them.
        aliases=tuple(each for each in names if _ID.fullmatch(each)) if len(cves) <= 1 else (),
        cvss=cvss((vulnerability, *related)),
        epss=epss(vulnerability),
        known_exploited=exploited(vulnerability),
        evidence=(_evidence(match, vulnerability, found, status, fixes, cves),),
    )


def _evidence(
    match: dict[str, Any],
    vulnerability: dict[str, Any],
    found: Package,
    status: str,
    fixes: tuple[str, ...],
    cves: list[str],
) -> Evidence:
    details = match.get("matchDetails")
    detail = next(objects(details if isinstance(details, list) else [details]), {})
    seen = detail.get("found")
    facts = (
        ("installed", f"{found.name} {found.version}" + (f" (source {found.source})" if found.source else "")),
        ("layer", found.layer),
        *(("path", path) for path in found.paths),
        ("status", status),
        ("fixed in", ", ".join(fixes)),
        (
            "severity",
            f"{text(vulnerability.get('severity')).lower()} ({text(vulnerability.get('namespace')) or 'grype'})",
        ),
        ("matched", f"{text(detail.get('matcher'))} {text(detail.get('type'))}".strip()),
        ("range", text(seen.get("versionConstraint")) if isinstance(seen, dict) else ""),
        *(("about", each) for each in cves[:50] if len(cves) > 1),
    )
    return Evidence(source="grype", facts=tuple((name, value) for name, value in facts if value))
