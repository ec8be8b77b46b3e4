"""Every clause: a value, a finding that matches, and one that does not. The three places that name clauses agree."""

import json
from dataclasses import fields, replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest

from builders import TARGETS, TODAY, finding
from scangate.core.clauses import CLAUSES, Case
from scangate.core.model import (
    Confidence,
    Criticality,
    Cvss,
    Evidence,
    Exposure,
    Finding,
    Fix,
    Kind,
    Severity,
    State,
    Target,
)
from scangate.core.policy import Match

WEB, EDGE, INFRA = TARGETS


def case(of: Finding, target: Target = WEB, state: State = State.NEW, unknown: Severity = Severity.HIGH) -> Case:
    return Case(of, target, state, unknown, TODAY)


def cvss(score: float) -> Finding:
    return finding(cvss=Cvss(score=score, vector=""))


def published(days: int) -> Finding:
    return finding(published=TODAY - timedelta(days=days))


LISTED = finding(
    known_exploited=True,
    evidence=(Evidence(source="kev", facts=(("listed since", "2023-10-10"), ("ransomware", "known"))),),
)
S, C, K = Severity, Confidence, Criticality
ROWS: list[tuple[str, Any, Case, Case, str]] = [
    (
        "severity_at_least",
        S.HIGH,
        case(finding(severity=S.HIGH)),
        case(finding(severity=S.MEDIUM)),
        "severity high (nvd)",
    ),
    (
        "severity_at_least",
        S.INFO,
        case(finding(severity=S.INFO)),
        case(finding(severity=S.UNKNOWN), unknown=S.UNKNOWN),
        "info",
    ),
    (
        "severity_at_least",
        S.LOW,
        case(finding(severity=S.UNKNOWN), unknown=S.LOW),
        case(finding(severity=S.UNKNOWN), unknown=S.INFO),
        "this policy counts as low",
    ),
    ("confidence_at_least", C.FIRM, case(finding(confidence=C.FIRM)), case(finding(confidence=C.POTENTIAL)), "firm"),
    ("cvss_at_least", 7.0, case(cvss(7.0)), case(cvss(6.9)), "CVSS 7.0"),
    ("cvss_at_least", 0.0, case(cvss(0.0)), case(finding()), "CVSS 0.0"),
    (
        "known_exploited",
        True,
        case(LISTED),
        case(finding(known_exploited=False)),
        "since 2023-10-10, used for ransomware",
    ),
    ("known_exploited", True, case(finding(known_exploited=True)), case(finding()), "known exploited vulnerabilities"),
    ("known_exploited", False, case(finding(known_exploited=False)), case(finding()), "not in CISA's list"),
    ("epss_at_least", 0.5, case(finding(epss=0.94358)), case(finding(epss=0.49)), "EPSS 0.944, at least 0.5"),
    ("epss_at_least", 0.0, case(finding(epss=0.0)), case(finding()), "EPSS 0, at least 0"),
    ("fixable", True, case(finding(fix=Fix(summary="x"))), case(finding()), "a fix is known"),
    ("fixable", False, case(finding()), case(finding(fix=Fix(summary="x"))), "no fix"),
    ("state", State.NEW, case(finding()), case(finding(), state=State.UNCHANGED), "new against the baseline"),
    ("state", State.UNCHANGED, case(finding(), state=State.UNCHANGED), case(finding()), "unchanged"),
    ("age_over_days", 30, case(published(31)), case(published(30)), "31 days ago, over 30"),
    ("age_over_days", 0, case(published(1)), case(finding(published=None)), "1 days ago"),
    ("rules", ("CVE-2024-*",), case(finding()), case(finding(rule="CVE-2023-1")), "is one of CVE-2024-*"),
    ("rules", ("GHSA-x",), case(finding(aliases=("GHSA-x",))), case(finding(aliases=("ghsa-x",))), "rule GHSA-x"),
    ("cwes", ("CWE-79",), case(finding(cwes=("CWE-1", "CWE-79"))), case(finding(cwes=("CWE-790",))), "weakness CWE-79"),
    ("packages", ("pkg:deb/*",), case(finding()), case(finding(subject="pkg:npm/x")), "package pkg:deb/debian/openssl"),
    ("packages", ("*",), case(finding()), case(finding(subject="192.0.2.1:22/tcp")), "is one of *"),
    ("scanners", ("nmap",), case(finding(seen_by=("checkov", "nmap"))), case(finding()), "seen by nmap"),
    ("targets", ("w*",), case(finding()), case(finding(), EDGE), "target web"),
    ("kinds", (Kind.IMAGE, Kind.PATH), case(finding()), case(finding(), EDGE), "target is image"),
    ("environments", ("prod",), case(finding()), case(finding(), EDGE), "environment prod"),
    ("exposure", (Exposure.INTERNET,), case(finding()), case(finding(), INFRA), "exposed to internet"),
    (
        "criticality_at_least",
        K.HIGH,
        case(finding(), EDGE),
        case(finding(), WEB),
        "criticality critical, at least high",
    ),
]


@pytest.mark.parametrize(("clause", "value", "yes", "no", "words"), ROWS)
def test_a_clause_says_the_evidence_or_nothing(clause: str, value: Any, yes: Case, no: Case, words: str) -> None:
    reason = CLAUSES[clause](value, yes)
    assert reason is not None
    assert words in reason
    assert CLAUSES[clause](value, no) is None


@pytest.mark.parametrize(("clause", "value", "yes", "no", "words"), ROWS)
def test_in_a_rule_it_does_the_same(clause: str, value: Any, yes: Case, no: Case, words: str) -> None:
    when = Match(**{clause: value})
    assert len(when.because(yes) or ()) == 1
    assert when.because(no) is None
    assert replace(when, targets=("nothing",)).because(yes) is None, "all clauses must hold"


def test_every_clause_has_a_row() -> None:
    assert {row[0] for row in ROWS} == set(CLAUSES)


def test_match_clauses_and_schema_name_the_same_things() -> None:
    schema = json.loads(files("scangate.config").joinpath("policy.schema.json").read_text())
    assert [each.name for each in fields(Match)] == list(CLAUSES)
    assert set(schema["definitions"]["when"]["properties"]) == set(CLAUSES)


def test_without_clauses_everything_matches_for_no_reason() -> None:
    assert Match().because(case(finding())) == ()


def test_an_unknown_severity_is_never_less_than_the_policy_says() -> None:
    unknown = case(finding(severity=S.UNKNOWN), unknown=S.CRITICAL)
    assert all(CLAUSES["severity_at_least"](wanted, unknown) for wanted in Severity)


def test_a_date_in_the_future_is_no_age() -> None:
    assert CLAUSES["age_over_days"](0, case(finding(published=date(2030, 1, 1)))) is None
