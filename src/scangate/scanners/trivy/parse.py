"""From trivy's JSON to items. Pure: reads what a run here wrote, and reports made elsewhere, since schema 1.

Only vulnerabilities and packages are read; secrets, misconfigurations and licences are other scanners' to find.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from scangate.core.identity import package_subject
from scangate.core.model import Asked, Cvss, Evidence, Finding, Fix, Gap, Item, Location, Package, Severity
from scangate.errors import ScanError
from scangate.scanners.trivy.listed import Listed, listed, text

_SEVERITIES: Final = {"CRITICAL": 5, "HIGH": 4, "MEDIUM": 3, "LOW": 2, "UNKNOWN": 0}
_STATUSES: Final = {
    "affected": "affected, no fix yet",
    "end_of_life": "end of life",
    "fix_deferred": "fix deferred",
    "fixed": "fixed",
    "not_affected": "not affected",
    "under_investigation": "under investigation",
    "will_not_fix": "will not fix",
}
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{1,99}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SCORES: Final = (("V40Score", "V40Vector"), ("V3Score", "V3Vector"), ("V2Score", "V2Vector"))
_PREFERRED: Final = ("nvd", "ghsa", "redhat")


def parse(report: bytes, target: str, check: Callable[[], None] = lambda: None) -> Iterator[Item]:
    """Read a report: each package, each vulnerability, a gap for each that cannot be used, and what was asked.

    Raises ScanError when it is no report of trivy.
    """
    results = _results(report)
    packages = [each for result in results for each in listed(result)]
    yield from dict.fromkeys(each.package for each in packages if each.package)
    gaps = [Gap(what=each.name, reason=each.problem) for each in packages if each.problem]
    yield from gaps
    unlisted = 0
    seen: set[str] = set()
    for result in results:
        known = {each.key: each for each in listed(result)}
        for entry in _objects(result.get("Vulnerabilities")):
            check()
            item = _item(entry, known, result, target)
            if isinstance(item, Gap) or (item.subject not in seen and not known):
                unlisted += 1
            if isinstance(item, Finding):
                seen.add(item.subject)
            yield item
    # A report made without --list-all-pkgs lists none: what it found is all that is known to have been looked at.
    yield Asked(unit="packages", count=len({each.identity for each in packages}) + unlisted)


def _results(report: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(report)
    except (ValueError, RecursionError) as error:
        what = f"what is not JSON, or was cut off ({str(error)[:100]})" if report.strip() else "no output"
        raise ScanError(f"trivy gave {what}", advice="run it again; if it stays, report it") from None
    if isinstance(document, list):  # schema 1
        return list(_objects(document))
    if document is None:  # schema 1, and nothing was found
        return []
    if isinstance(document, dict) and "Resources" in document:  # of a cluster
        return [each for resource in _objects(document["Resources"]) for each in _objects(resource.get("Results"))]
    if not isinstance(document, dict) or not {"SchemaVersion", "Results", "ArtifactName"} & document.keys():
        raise ScanError("trivy gave JSON that is no report of trivy", advice="run it again; if it stays, report it")
    if not isinstance(document.get("Results") or [], list):
        raise ScanError("trivy gave a report whose results are no list", advice="run it again; if it stays, report it")
    return list(_objects(document.get("Results")))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def _item(entry: dict[str, Any], known: Mapping[str, Listed], result: dict[str, Any], target: str) -> Finding | Gap:
    rule, name, version = (text(entry.get(each)) for each in ("VulnerabilityID", "PkgName", "InstalledVersion"))
    about = f"{name or 'a package'}: {rule or 'no id'}"[:300]
    if not _ID.fullmatch(rule) or not name:
        return Gap(what=about, reason="trivy reports something without a usable id or package")
    alone = next(listed({**result, "Packages": [_as_package(entry)]}))
    found = known.get(alone.key) or known.get(f"{name}@{version}") or alone
    if not found.package:
        return Gap(what=about, reason=f"trivy reports it, but {found.problem}")
    return _finding(rule, entry, found.package, target)


def _as_package(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "ID": entry.get("PkgID"),
        "Name": entry.get("PkgName"),
        "Version": entry.get("InstalledVersion"),
        "Identifier": entry.get("PkgIdentifier"),
        "FilePath": entry.get("PkgPath"),
        "Layer": entry.get("Layer"),
    }


def _finding(rule: str, entry: dict[str, Any], package: Package, target: str) -> Finding:
    fixed = text(entry.get("FixedVersion"))
    status = _STATUSES.get(text(entry.get("Status")), "fixed" if fixed else "no fix is known")
    source = text(entry.get("SeveritySource"))
    severity = Severity(_SEVERITIES.get(text(entry.get("Severity")).upper(), 0))
    name = package.source or package.name
    return Finding(
        rule=rule,
        target=target,
        subject=package_subject(package),
        title=text(entry.get("Title")) or f"{name}: {rule}",
        severity=severity,
        severity_source=f"{source} by trivy" if source else "trivy",
        location=Location(logical=package.purl),
        message=f"Installed: {package.name} {package.version}. trivy: {rule} affects this version: "
        + (f"fixed in {fixed}." if fixed else f"{status}."),
        seen_by=("trivy",),
        help_uri=text(entry.get("PrimaryURL")),
        fix=Fix(summary=f"upgrade {name} to {fixed}", version=fixed) if fixed else None,
        aliases=tuple(
            each for each in map(text, _list(entry.get("VendorIDs"))) if _ID.fullmatch(each) and each != rule
        ),
        cvss=_cvss(entry.get("CVSS"), source),
        cwes=tuple(each for each in map(text, _list(entry.get("CweIDs"))) if each.startswith("CWE-")),
        confidence=package.confidence,
        evidence=(_evidence(entry, package, status, fixed),),
        published=_day(text(entry.get("PublishedDate"))),
    )


def _evidence(entry: dict[str, Any], package: Package, status: str, fixed: str) -> Evidence:
    data = entry.get("DataSource")
    facts = (
        ("installed", f"{package.name} {package.version}" + (f" (source {package.source})" if package.source else "")),
        ("layer", package.layer),
        *(("path", path) for path in package.paths),
        ("status", status),
        ("fixed in", fixed),
        ("severity", f"{text(entry.get('Severity')).lower()} ({text(entry.get('SeveritySource')) or 'trivy'})"),
        ("data", text(data.get("Name")) if isinstance(data, dict) else ""),
    )
    return Evidence(source="trivy", facts=tuple((name, value) for name, value in facts if value))


def _cvss(scores: Any, source: str) -> Cvss | None:
    """Take the score of who gave the severity, or else the best known one that has a vector."""
    if not isinstance(scores, dict):
        return None
    for name in (source, *_PREFERRED, *sorted(map(str, scores))):
        entry = scores.get(name)
        if not isinstance(entry, dict):
            continue
        for score, vector in _SCORES:
            number = entry.get(score)
            if isinstance(number, (int, float)) and not isinstance(number, bool) and 0 <= number <= 10:  # noqa: PLR2004
                return Cvss(score=float(number), vector=text(entry.get(vector)))
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if _DAY.match(value) else None
    except ValueError:
        return None
