"""The rules of a run and the CWE taxonomy they refer to.

GitHub reads the severity from the rule, not from the result, and binds them by equality of the id. A rule that stands
for findings of several severities therefore carries the highest: two ids would close and open alerts as severities
change. Each result still has its own level.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from scangate.core.model import Action, Confidence, Decision, Finding, Severity, Surface
from scangate.reporters.markup import escape, web_link
from scangate.reporters.outline import line, lines
from scangate.reporters.sarif import objects as om
from scangate.reporters.sarif.profiles import Profile

TEXT: Final = 1_024
"""Characters of any text; GitLab skips a result that has a longer one."""
TAGS: Final = 10
_NAME: Final = 255
_BANDS: Final = {
    Severity.CRITICAL: (9.1, 10.0, 9.5),
    Severity.HIGH: (7.0, 8.9, 8.0),
    Severity.MEDIUM: (4.0, 6.9, 5.5),
    Severity.LOW: (0.1, 3.9, 2.0),
}
"""GitHub's bands (critical is over 9.0), and the number that stands for each."""
_PRECISION: Final = {
    Confidence.CONFIRMED: "very-high",
    Confidence.FIRM: "high",
    Confidence.POTENTIAL: "medium",
}
_LEVELS: Final = {Action.FAIL: "error", Action.WARN: "warning", Action.ACCEPT: "note"}
_PROBLEM: Final = {"error": "error", "warning": "warning", "note": "recommendation"}
_CWE: Final = re.compile(r"(?i)cwe-0*([0-9]{1,6})")
_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_SECRETS: Final = frozenset({"256", "257", "259", "312", "319", "321", "522", "540", "798"})
"""The weaknesses by which GitLab files a result under secret detection."""


def rule_id(finding: Finding) -> str:
    """The id of the finding's rule. A slash would make it a hierarchy, which GitHub does not follow."""
    return line(finding.rule, _NAME).replace("/", "-") or "unnamed"


def level(decision: Decision) -> str:
    """How loud a result is: what the policy does about it. How bad it is, is the severity's to say."""
    return _LEVELS[decision.action]


def score(finding: Finding) -> float | None:
    """The CVSS score where it agrees with the severity that was judged, else the number of that severity's band."""
    if finding.severity not in _BANDS:
        return None
    low, high, middle = _BANDS[finding.severity]
    return finding.cvss.score if finding.cvss and low <= finding.cvss.score <= high else middle


def rules(decisions: Sequence[Decision], surface: Surface, profile: Profile) -> Sequence[Any]:
    """One descriptor for each rule, by id."""
    groups: dict[str, list[Decision]] = {}
    for decision in decisions:
        groups.setdefault(rule_id(decision.finding), []).append(decision)
    index = {each: number for number, each in enumerate(weaknesses(decisions, surface, profile))}
    return [_descriptor(name, groups[name], surface, index) for name in sorted(groups)]


def weaknesses(decisions: Iterable[Decision], surface: Surface, profile: Profile) -> Sequence[str]:
    """Return the numbers of the CWEs that the run refers to.

    A service that speaks in cleartext is no secret in the repository; GitLab would file it as one.
    """
    found = {number for each in decisions for number in _numbers(each.finding)}
    if profile.files_by_weakness and surface is Surface.NETWORK:
        found -= _SECRETS
    return sorted(found, key=int)


def taxonomies(found: Sequence[str]) -> Sequence[Any] | None:
    """The Common Weakness Enumeration, as far as the run refers to it."""
    if not found:
        return None
    return [
        om.ToolComponent(
            name="CWE",
            organization="MITRE",
            information_uri="https://cwe.mitre.org/",
            short_description=om.MultiformatMessageString(text="The MITRE Common Weakness Enumeration."),
            taxa=[
                om.ReportingDescriptor(
                    id=number, name=f"CWE-{number}", help_uri=f"https://cwe.mitre.org/data/definitions/{number}.html"
                )
                for number in found
            ],
        )
    ]


def _descriptor(name: str, group: Sequence[Decision], surface: Surface, index: Mapping[str, int]) -> Any:
    findings = [each.finding for each in group]
    title = _common((line(each.title, 200) for each in findings), name)
    link = min(filter(None, (web_link(each.help_uri) for each in findings)), default=None)
    loudest = min((level(each) for each in group), key=list(_PROBLEM).index)
    scores = [number for each in findings if (number := score(each)) is not None]
    cwes = sorted({number for each in findings for number in _numbers(each) if number in index}, key=int)
    return om.ReportingDescriptor(
        id=name,
        name=_pascal(name),
        short_description=om.MultiformatMessageString(text=_sentence(title)),
        full_description=om.MultiformatMessageString(
            text=_sentence(_common((lines(each.message, TEXT - 1) for each in findings), title))
        ),
        help=_help(title, findings, link),
        help_uri=link,
        default_configuration=om.ReportingConfiguration(level=loudest),
        properties={
            "tags": _tags(name, findings, cwes, surface),
            "precision": _PRECISION[min(each.confidence for each in findings)],
            "problem.severity": _PROBLEM[loudest],
            "security-severity": f"{max(scores):.1f}" if scores else None,
        },
        relationships=[
            om.ReportingDescriptorRelationship(
                target=om.ReportingDescriptorReference(
                    id=number, index=index[number], tool_component=om.ToolComponentReference(name="CWE", index=0)
                ),
                kinds=["superset"],
            )
            for number in cwes
        ]
        or None,
    )


def _help(title: str, findings: Sequence[Finding], link: str | None) -> Any:
    fixes = sorted({line(each.fix.summary, 200) for each in findings if each.fix})[:3] or ["no fix is known"]
    names = sorted({line(name, 60) for each in findings for name in each.aliases})[:5]
    rows = [("Why", [title]), ("Fix", fixes), ("Also known as", names), ("See", [link] if link else [])]
    text = "\n".join(f"{head}: {'; '.join(words)}" for head, words in rows if words)
    markdown = "\n\n".join(
        f"**{head}:** {'; '.join(f'<{each}>' if each == link else escape(each) for each in words)}"
        for head, words in rows
        if words
    )
    return om.MultiformatMessageString(text=lines(text, TEXT), markdown=markdown)


def _tags(name: str, findings: Iterable[Finding], cwes: Sequence[str], surface: Surface) -> list[str]:
    """GitHub looks for `security` and `external/cwe/cwe-N`, GitLab for `cwe-N` and the CVE."""
    names = {name, *(alias for each in findings for alias in each.aliases)}
    cves = sorted(filter(_CVE.fullmatch, names))[:2]
    weak = [form for number in cwes[:3] for form in (f"external/cwe/cwe-{number}", f"cwe-{number}")]
    return ["security", str(surface), *weak, *cves][:TAGS]


def _numbers(finding: Finding) -> list[str]:
    return [match[1] for each in finding.cwes if (match := _CWE.fullmatch(each.strip()))]


def _common(texts: Iterable[str], otherwise: str) -> str:
    """What more than half of the findings say of the rule; a text about one of many would mislead."""
    counts = Counter(texts)
    text, most = min(counts.items(), key=lambda each: (-each[1], each[0]))
    return text.strip() if most * 2 > counts.total() and text.strip() else otherwise


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _pascal(name: str) -> str:
    """`CKV_AWS_18` becomes `CkvAws18`: SARIF wants a name to be an identifier, and not the id over again."""
    friendly = "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name))
    return f"{friendly}Rule" if friendly in {name, ""} else friendly
