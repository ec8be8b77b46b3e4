"""What makes two sightings one finding: canonical ids, merging, fingerprints.

Laws (tests/core/test_identity.py): wording, severity, order and tool do not change identity; two different assets or
secrets never merge; `normalise` is idempotent.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from scangate.core.model import Evidence, Finding, Package

_CVE: Final = re.compile(r"CVE-([0-9]{4})-([0-9]{4,19})")
_PREFERENCE: Final = ("CVE-", "GHSA-", "PYSEC-")


def fingerprint(finding: Finding) -> str:
    """The finding's identity, 64 hex digits: never its severity, wording, line, version, time or tool."""
    words = ("v1", finding.rule, finding.target, finding.subject)
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def normalise(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Close aliases, merge what is the same, and sort by target, severity (worst first), rule and subject."""
    found = tuple(findings)
    linked = _closure(found)
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in found:
        rule = _canonical(finding, linked)
        groups[rule, finding.target, finding.subject].append(finding)
    merged = (_merge(rule, group) for (rule, _target, _subject), group in groups.items())
    return tuple(sorted(merged, key=lambda each: (each.target, -each.severity, each.rule, each.subject)))


def preference(identifier: str) -> tuple[int, int, int, str]:
    """Sort key: CVE before GHSA before PYSEC before the rest, older CVEs first."""
    rank = next((rank for rank, prefix in enumerate(_PREFERENCE) if identifier.startswith(prefix)), len(_PREFERENCE))
    if match := _CVE.fullmatch(identifier):
        return rank, int(match[1]), int(match[2]), identifier
    return rank, 0, 0, identifier


def _is_cve(identifier: str) -> bool:
    return _CVE.fullmatch(identifier) is not None


def _canonical(finding: Finding, linked: Mapping[str, Sequence[str]]) -> str:
    """The id everybody knows it by. Two CVEs are two vulnerabilities, even where some record links them."""
    if _is_cve(finding.rule):
        return finding.rule
    if own := list(filter(_is_cve, finding.aliases)):
        return min(own, key=preference)
    component = linked[finding.rule]
    cves = list(filter(_is_cve, component))
    if len(cves) > 1:
        return min((finding.rule, *finding.aliases), key=preference)
    return min(component, key=preference)


def _closure(findings: Iterable[Finding]) -> Mapping[str, Sequence[str]]:
    """Every id with all the ids it is linked to over any number of aliases."""
    component: dict[str, list[str]] = {}
    for finding in findings:
        for identifier in (finding.rule, *finding.aliases):
            first = component.setdefault(finding.rule, [finding.rule])
            other = component.setdefault(identifier, [identifier])
            if first is not other:
                small, large = sorted((first, other), key=len)
                large.extend(small)
                component.update(dict.fromkeys(small, large))
    return component


def _merge(rule: str, group: Sequence[Finding]) -> Finding:
    """One finding of several sightings. The worst severity is kept with its source, and every tool's evidence."""
    ranked = sorted(group, key=_authority)
    best = ranked[0]
    scored = [each.cvss for each in ranked if each.cvss]
    known = [each.known_exploited for each in ranked if each.known_exploited is not None]
    return replace(
        best,
        rule=rule,
        aliases=tuple(sorted({name for each in group for name in (each.rule, *each.aliases)} - {rule}, key=preference)),
        seen_by=_union(each.seen_by for each in group),
        cwes=_union(each.cwes for each in group),
        evidence=_evidence(each.evidence for each in group),
        confidence=max(each.confidence for each in group),
        fix=next((each.fix for each in ranked if each.fix), None),
        help_uri=next((each.help_uri for each in ranked if each.help_uri), ""),
        location=min((each.location for each in group), key=lambda each: (not each.path, each)),
        cvss=max(scored, default=None),
        epss=max((each.epss for each in group if each.epss is not None), default=None),
        known_exploited=any(known) if known else None,
        published=min((each.published for each in group if each.published), default=None),
    )


def _authority(finding: Finding) -> tuple[object, ...]:
    """Whose words are kept: the worst severity, then the surest evidence, then an order that no chance decides."""
    return (
        -finding.severity,
        -finding.confidence,
        preference(finding.rule),
        finding.severity_source,
        finding.seen_by,
        finding.title,
        finding.message,
        finding.help_uri,
        (finding.fix is None, finding.fix.summary if finding.fix else "", finding.fix.version if finding.fix else ""),
    )


def _union(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({each for group in groups for each in group}))


def _evidence(groups: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    return tuple(sorted({each for group in groups for each in group}))


def package_subject(package: Package) -> str:
    """Write the purl without its version; that of the source package, where a distribution built it from one.

    This is what a finding of a package is about, whoever found it: equal subjects make equal findings.
    """
    bare = package.purl.partition("?")[0].rpartition("@")[0]
    if not package.source:
        return bare
    return f"{bare.rpartition('/')[0]}/{quote(package.source.lower(), safe=':', errors='replace')}"
