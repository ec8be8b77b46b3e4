"""The named clauses of a policy rule. Each says the evidence in words when it holds, and None when it does not.

To add one: a function here, a field in policy.Match, an entry in config/policy.schema.json.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from scangate.core.model import Confidence, Criticality, Exposure, Finding, Kind, Severity, State, Target
from scangate.core.wildcard import matches


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with all that a clause may look at."""

    finding: Finding
    target: Target
    state: State
    unknown_severity: Severity
    today: date


def severity_at_least(wanted: Severity, case: Case) -> str | None:
    """The finding's severity; UNKNOWN counts as the policy's `unknown_severity`."""
    finding = case.finding
    if finding.severity is Severity.UNKNOWN:
        if case.unknown_severity < wanted:
            return None
        return (
            f"severity unknown ({finding.severity_source}), which this policy counts as {_word(case.unknown_severity)}"
        )
    if finding.severity < wanted:
        return None
    return f"severity {_word(finding.severity)} ({finding.severity_source}), at least {_word(wanted)}"


def confidence_at_least(wanted: Confidence, case: Case) -> str | None:
    """How sure the evidence is."""
    held = case.finding.confidence
    return f"confidence {_word(held)}, at least {_word(wanted)}" if held >= wanted else None


def cvss_at_least(wanted: float, case: Case) -> str | None:
    """The highest CVSS base score known; a finding without one does not match."""
    cvss = case.finding.cvss
    return f"CVSS {cvss.score}, at least {wanted}" if cvss and cvss.score >= wanted else None


def known_exploited(wanted: bool, case: Case) -> str | None:
    """Whether the vulnerability is in CISA's list; a finding that nobody compared with it does not match."""
    if case.finding.known_exploited is not wanted:
        return None
    if not wanted:
        return "not in CISA's list of known exploited vulnerabilities"
    facts = dict(fact for each in case.finding.evidence if each.source == "kev" for fact in each.facts)
    since = f" since {facts['listed since']}" if "listed since" in facts else ""
    ransomware = ", used for ransomware" if facts.get("ransomware") == "known" else ""
    return f"in CISA's list of known exploited vulnerabilities{since}{ransomware}"


def epss_at_least(wanted: float, case: Case) -> str | None:
    """How probable exploitation within 30 days is; a finding without a score does not match."""
    held = case.finding.epss
    return f"EPSS {held:.3g}, at least {wanted:g}" if held is not None and held >= wanted else None


def fixable(wanted: bool, case: Case) -> str | None:
    """Whether a fix is known."""
    if (case.finding.fix is not None) is not wanted:
        return None
    return "a fix is known" if wanted else "no fix is known"


def state(wanted: State, case: Case) -> str | None:
    """The finding compared with the baseline."""
    return f"{wanted} against the baseline" if case.state is wanted else None


def age_over_days(wanted: int, case: Case) -> str | None:
    """Days since the vulnerability was published; a finding without that date does not match."""
    published = case.finding.published
    if published is None or (days := (case.today - published).days) <= wanted:
        return None
    return f"published {days} days ago, over {wanted}"


def rules(wanted: tuple[str, ...], case: Case) -> str | None:
    """The finding's rule or one of its aliases; takes `*`."""
    return _any("rule", (case.finding.rule, *case.finding.aliases), wanted)


def cwes(wanted: tuple[str, ...], case: Case) -> str | None:
    """One of the finding's weaknesses (`CWE-79`)."""
    return _any("weakness", case.finding.cwes, wanted)


def packages(wanted: tuple[str, ...], case: Case) -> str | None:
    """The finding's subject, for a package its purl without version (`pkg:npm/lodash`); takes `*`."""
    return _any("package", (case.finding.subject,), wanted) if case.finding.subject.startswith("pkg:") else None


def scanners(wanted: tuple[str, ...], case: Case) -> str | None:
    """One of the scanners that saw it."""
    return _any("seen by", case.finding.seen_by, wanted)


def targets(wanted: tuple[str, ...], case: Case) -> str | None:
    """The target's id; takes `*`."""
    return _any("target", (case.target.id,), wanted)


def kinds(wanted: tuple[Kind, ...], case: Case) -> str | None:
    """What the target is: image, sbom, hosts or path."""
    return f"target is {case.target.kind}" if case.target.kind in wanted else None


def environments(wanted: tuple[str, ...], case: Case) -> str | None:
    """The target's environment; takes `*`."""
    return _any("environment", (case.target.environment,), wanted)


def exposure(wanted: tuple[Exposure, ...], case: Case) -> str | None:
    """From where the target can be reached."""
    return f"exposed to {case.target.exposure}" if case.target.exposure in wanted else None


def criticality_at_least(wanted: Criticality, case: Case) -> str | None:
    """How much the target matters."""
    held = case.target.criticality
    return f"criticality {_word(held)}, at least {_word(wanted)}" if held >= wanted else None


ANSWERED: Final = frozenset({"known_exploited", "epss_at_least"})
"""Clauses that look at what an enricher adds: without its answer they could never match."""
CLAUSES: Final[Mapping[str, Callable[[Any, Case], str | None]]] = {
    clause.__name__: clause
    for clause in (
        severity_at_least,
        confidence_at_least,
        cvss_at_least,
        known_exploited,
        epss_at_least,
        fixable,
        state,
        age_over_days,
        rules,
        cwes,
        packages,
        scanners,
        targets,
        kinds,
        environments,
        exposure,
        criticality_at_least,
    )
}


def _any(what: str, held: tuple[str, ...], wanted: tuple[str, ...]) -> str | None:
    for text in held:
        for pattern in wanted:
            if matches(text, pattern):
                return f"{what} {text}" + ("" if text == pattern else f" is one of {pattern}")
    return None


def _word(member: Severity | Confidence | Criticality) -> str:
    return member.name.lower()
