"""One finding about a package as a CycloneDX vulnerability, with what is known of it here and now.

The state of analysis is what this tool can vouch for, and no more. A match is `in_triage`; one that is exploited
somewhere (CISA KEV) and was found installed is `exploitable`; one that a comparison no longer finds is `resolved`. A
waiver accepts a risk: it is told in `detail`, and never made into `not_affected`, which only an analysis may say.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from scangate.core.model import Confidence, Cvss, Decision, Finding, Severity, State
from scangate.reporters.cyclonedx.components import PREFIX
from scangate.reporters.cyclonedx.inventory import Entry
from scangate.reporters.markup import web_link
from scangate.reporters.outline import line, lines

TEXT: Final = 2_000
"""Characters of a description."""
WILL_NOT_FIX: Final = "will not fix"
"""The value of the fact `status` in a scanner's evidence that says nobody will."""
_CWE: Final = re.compile(r"(?i)cwe-0*([1-9][0-9]{0,5})")
_METHODS: Final = (("CVSS:4.", "CVSSv4"), ("CVSS:3.1", "CVSSv31"), ("CVSS:3.0", "CVSSv3"), ("AV:", "CVSSv2"))
_SOURCES: Final = (
    ("CVE-", "NVD", "https://nvd.nist.gov/vuln/detail/"),
    ("GHSA-", "GitHub Advisories", "https://github.com/advisories/"),
)


_word: Final = lru_cache(maxsize=4_096)(line)
"""The same for what recurs in most findings."""


def vulnerability(decision: Decision, affected: Iterable[Entry]) -> dict[str, Any]:
    """Write one. Its bom-ref is the fingerprint, by which results of other days and formats know it."""
    finding = decision.finding
    link = web_link(finding.help_uri)
    written: dict[str, Any] = {
        "bom-ref": decision.fingerprint,
        "id": line(finding.rule, 255),
        "source": _source(finding.rule),
        "references": [{"id": line(each, 255), "source": _source(each)} for each in finding.aliases],
        "ratings": _ratings(finding),
        "cwes": sorted({int(match[1]) for each in finding.cwes if (match := _CWE.fullmatch(each))}),
        "description": lines(finding.title, TEXT),
        "detail": lines(finding.message, TEXT),
        "recommendation": line(decision.remedy or (finding.fix.summary if finding.fix else ""), TEXT),
        "advisories": [{"url": link}] if link else [],
        "published": f"{finding.published}T00:00:00Z" if finding.published else "",
        "analysis": _analysis(decision),
        "affects": [_affects(each, decision) for each in affected],
        "properties": _properties(decision),
    }
    return {name: value for name, value in written.items() if value}


@lru_cache(maxsize=65_536)
def _source(identifier: str) -> Mapping[str, str]:
    for prefix, name, url in _SOURCES:
        if identifier.startswith(prefix) and (link := web_link(url + identifier)):
            return {"name": name, "url": link}
    link = web_link(f"https://osv.dev/vulnerability/{identifier}")
    return {"name": "OSV", "url": link} if link else {"name": "OSV"}


def _ratings(finding: Finding) -> list[dict[str, Any]]:
    """Give the severity that was judged with its source, and the score with its vector: they may be of two minds."""
    judged = {
        "source": {"name": _word(finding.severity_source, 200) or "scangate"},
        "severity": _severity(finding.severity),
    }
    return [judged, _scored(finding.cvss)] if finding.cvss else [judged]


def _severity(severity: Severity) -> str:
    return severity.name.lower()


def _scored(cvss: Cvss) -> dict[str, Any]:
    method = next((name for prefix, name in _METHODS if cvss.vector.startswith(prefix)), "other")
    vector = _word(cvss.vector, 300)
    return {"score": cvss.score, "method": method, **({"vector": vector} if vector else {})}


def _analysis(decision: Decision) -> dict[str, Any]:
    finding = decision.finding
    detail = f"{decision.action} by {_word(decision.by, 255)}: {_word(decision.because)}"
    analysis: dict[str, Any] = {"state": _state(decision), "detail": detail.removesuffix(": ")}
    if decision.state is not State.FIXED and (response := _response(finding)):
        analysis["response"] = [response]
    return analysis


def _state(decision: Decision) -> str:
    if decision.state is State.FIXED:
        return "resolved"
    seen = decision.finding.known_exploited and decision.finding.confidence is Confidence.CONFIRMED
    return "exploitable" if seen else "in_triage"


def _response(finding: Finding) -> str:
    if finding.fix and finding.fix.version:
        return "update"
    said = {value for evidence in finding.evidence for name, value in evidence.facts if name == "status"}
    return "will_not_fix" if WILL_NOT_FIX in said else ""


def _affects(entry: Entry, decision: Decision) -> dict[str, Any]:
    status = "unaffected" if decision.state is State.FIXED else "affected"
    version = _word(entry.package.version)
    return {"ref": entry.ref, **({"versions": [{"version": version, "status": status}]} if version else {})}


def _properties(decision: Decision) -> list[dict[str, str]]:
    finding = decision.finding
    facts = (
        ("target", _word(finding.target)),
        ("subject", line(finding.subject)),
        ("action", str(decision.action)),
        ("state", str(decision.state)),
        ("waived", "true" if decision.waived else ""),
        ("confidence", finding.confidence.name.lower()),
        ("epss", f"{finding.epss:.5f}" if finding.epss is not None else ""),
        ("knownExploited", "" if finding.known_exploited is None else str(finding.known_exploited).lower()),
        *(("seenBy", _word(each, 100)) for each in finding.seen_by),
    )
    return [{"name": PREFIX + name, "value": value} for name, value in facts if value]
