"""JUnit: the subset that Jenkins, GitLab and Azure read alike."""

import re
from dataclasses import replace
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings

from scangate.core.model import Action, Gap, Report, Status, Verdict
from scangate.reporters import Screen, junit
from scangate.reporters.junit import JUnit

from .generated import reports
from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import CURL, RUNS, ZLIB, decision, empty, large, passing, sample

COUNTED = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def parse(report: Report) -> Any:
    return fromstring(JUnit().render(report, Screen()))


def mistakes(root: Any) -> list[str]:  # noqa: C901 - a list of demands
    """What breaks the form of Jenkins' own schema (jenkins-junit.xsd), or what its and GitLab's readers count on."""
    found = []
    if root.tag != "testsuites" or set(root.attrib) != {"name", *COUNTED, "time"}:
        found.append("testsuites")
    seen = set()
    for suite in root:
        if (
            suite.tag != "testsuite"
            or not suite.get("name")
            or set(suite.attrib) != {"name", *COUNTED, "time", "timestamp"}
        ):
            found.append(f"suite {suite.attrib}")
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp")):
            found.append("timestamp")
        for case in suite:
            if case.tag != "testcase" or set(case.attrib) != {"classname", "name", "time"} or not case.get("name"):
                found.append(f"case {case.attrib}")
            if len(case) != 1 or case[0].tag not in {"failure", "error", "skipped", "system-out"}:
                found.append(f"content of {case.attrib}")
            if case[0].tag in {"failure", "error"} and (not case[0].get("message") or not case[0].get("type")):
                found.append(f"message of {case.attrib}")
            key = (case.get("classname"), case.get("name"))
            if key in seen:
                found.append(f"two of {key}")
            seen.add(key)
    for node in (root, *root):
        for name, tag in COUNTED.items():
            if int(node.get(name)) != len(list(node.iter(tag))):
                found.append(f"{node.tag} counts {name}")
    return found


def outcomes(report: Report) -> dict[tuple[str, str], str]:
    return {(case.get("classname"), case.get("name")): case[0].tag for case in parse(report).iter("testcase")}


@pytest.mark.parametrize(
    "report", [sample(), passing(), empty(), large(3_000)], ids=["sample", "passing", "empty", "large"]
)
def test_it_has_the_form_that_readers_share(report: Report) -> None:
    assert mistakes(parse(report)) == []


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_stays_text(text: str) -> None:
    written = JUnit().render(poisoned(text), Screen())
    # A poisoned report has several scans with one name on one target: its cases collide.
    assert [each for each in mistakes(fromstring(written)) if not each.startswith("two of")] == []
    assert "[[" not in written


@given(reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_can_be_parsed(report: Report) -> None:
    parse(report)


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("scangate.junit.xml", JUnit().render(sample(), Screen()))


def test_what_blocks_fails_what_is_waived_is_skipped_and_what_is_missing_is_an_error() -> None:
    found = outcomes(sample())
    assert found["scangate.web", "CVE-2023-38545"] == "failure"
    assert found["scangate.web", "CVE-2023-45853"] == "skipped"
    assert found["scangate.web", "CVE-2005-2541"] == "system-out"
    assert found["scangate.edge", "scan: tls"] == "error"
    assert found["scangate.edge", "scan: nmap"] == "error"
    assert found["scangate.web", "scan: grype"] == "skipped"
    assert found["scangate.infra", "scan: checkov"] == "system-out"


def test_a_rule_with_a_waived_and_a_warned_finding_is_not_skipped() -> None:
    other = replace(ZLIB, subject="pkg:deb/debian/other")
    both = (decision(ZLIB, Action.ACCEPT, waived=True), decision(other, Action.WARN))
    assert outcomes(replace(sample(), decisions=both))["scangate.web", ZLIB.rule] == "system-out"
    fixed = (decision(ZLIB, Action.ACCEPT, state="fixed"),)
    assert outcomes(replace(sample(), decisions=fixed))["scangate.web", ZLIB.rule] == "system-out"


def test_gaps_and_findings_are_named() -> None:
    text = {case.get("name"): case[0].text for case in parse(sample()).iter("testcase")}
    assert "not covered: edge.example.com: the host did not answer" in text["scan: nmap"]
    assert "[2001:db8::10]:6379/tcp" in text["net-unexpected-port"]


def test_an_incomplete_run_never_looks_like_a_pass() -> None:
    assert set(outcomes(empty()).values()) == {"error"}
    report = replace(passing(), verdict=Verdict.INCOMPLETE, reasons=empty().reasons)
    assert outcomes(report)["scangate.scangate", "scans"] == "error"


def test_a_pass_has_cases_too() -> None:
    assert set(outcomes(replace(passing(), decisions=())).values()) == {"system-out"}


def test_too_many_cases_are_counted_and_fail_when_one_of_them_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MOST", 8)
    found = outcomes(sample())
    assert len(found) == 8
    assert found["scangate.scangate", "not shown"] == "failure"
    calm = replace(sample(), decisions=tuple(decision(replace(CURL, rule=str(n)), Action.WARN) for n in range(20)))
    assert outcomes(calm)["scangate.scangate", "not shown"] == "skipped"


def test_a_case_names_a_hundred_findings_and_counts_the_rest() -> None:
    many = tuple(decision(replace(CURL, subject=f"pkg:deb/debian/{n}"), Action.FAIL) for n in range(150))
    (case,) = [
        each for each in parse(replace(sample(), decisions=many)).iter("testcase") if each.get("name") == CURL.rule
    ]
    assert "50 more findings" in case[0].text
    run = replace(RUNS[0], gaps=tuple(Gap(what=str(n), reason="x") for n in range(300)))
    (scan,) = [
        each for each in parse(replace(sample(), runs=(run,))).iter("testcase") if each.get("name") == "scan: packages"
    ]
    assert "100 more gaps" in scan[0].text


def test_names_hold_nothing_that_changes_from_run_to_run() -> None:
    later = replace(sample(), started="2027-01-01T00:00:00Z", decisions=sample().decisions[::-1])
    assert outcomes(later) == outcomes(sample())


def test_a_scan_that_was_cancelled_is_an_error() -> None:
    run = replace(RUNS[0], status=Status.CANCELLED, reason="interrupted")
    assert outcomes(replace(sample(), runs=(run,)))["scangate.web", "scan: packages"] == "error"
