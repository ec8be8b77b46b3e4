import gzip
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from scangate.core.identity import fingerprint
from scangate.core.model import (
    Action,
    Cvss,
    Decision,
    Finding,
    Gap,
    Location,
    Report,
    Severity,
    State,
    Status,
    Target,
)
from scangate.reporters import Screen, sarif
from scangate.reporters.sarif import FullSarif, GitHubSarif

from .generated import reports
from .hostile import TEXTS, poisoned
from .receiver import CLOSED, complaints, linted
from .sample import CURL, EDGE, INFRA, WEB, decision, empty, large, misconfiguration, passing, port, sample

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


def github(report: Report) -> Any:
    return json.loads(GitHubSarif().render(report, Screen()))


def full(report: Report) -> Any:
    return json.loads(FullSarif().render(report, Screen()))


def run(log: Any, surface: str) -> Any:
    return next(each for each in log["runs"] if each["automationDetails"]["id"].startswith(f"scangate/{surface}/"))


def results(log: Any) -> list[Any]:
    return [result for each in log["runs"] for result in each["results"]]


def rules(log: Any) -> dict[str, Any]:
    return {rule["id"]: rule for each in log["runs"] for rule in each["tool"]["driver"]["rules"]}


def uris(log: Any) -> list[str]:
    return [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results(log)]


def only(*decisions: Decision, targets: tuple[Target, ...] = (WEB, EDGE, INFRA), **more: Any) -> Report:
    return replace(sample(), decisions=decisions, targets=targets, **more)


def judged(finding: Finding, action: Action = Action.FAIL, **more: Any) -> Decision:
    return decision(finding, action, **more)


@pytest.fixture(scope="module")
def schema(shared: Path) -> Draft202012Validator:
    text = (shared / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8-sig")
    return Draft202012Validator(json.loads(text), format_checker=Draft202012Validator.FORMAT_CHECKER)


CASES = {"sample": sample(), "passing": passing(), "empty": empty(), "no-baseline": replace(sample(), baseline="")}


@pytest.mark.parametrize("report", CASES.values(), ids=CASES)
def test_both_profiles_are_valid_by_the_schema_of_the_standard(schema: Draft202012Validator, report: Report) -> None:
    assert list(schema.iter_errors(github(report))) == []
    assert list(schema.iter_errors(full(report))) == []


@pytest.mark.parametrize("report", CASES.values(), ids=CASES)
def test_both_profiles_meet_what_receivers_demand(report: Report) -> None:
    assert complaints(github(report), github=True) == []
    assert complaints(full(report), github=False) == []
    if report.targets:  # without a run GitHub refuses the file, as it should
        assert linted(github(report)) == []
        assert linted(full(report), but=CLOSED) == []


@given(reports())
@settings(max_examples=25, **QUIET)
def test_any_report_is_valid_and_acceptable(schema: Draft202012Validator, report: Report) -> None:
    for log, is_github in ((github(report), True), (full(report), False)):
        assert list(schema.iter_errors(log)) == []
        assert complaints(log, github=is_github) == []
        # Reports that are made up may say the same thing twice.
        assert linted(log, but={*CLOSED, "no-run", "run-unsuccessful", "fingerprint-shared"}) == []


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_changes_nothing_about_acceptance(text: str) -> None:
    assert complaints(github(poisoned(text)), github=True) == []
    assert complaints(full(poisoned(text)), github=False) == []
    assert linted(github(poisoned(text))) == []
    assert linted(full(poisoned(text)), but=CLOSED) == []


def test_hostile_text_stays_valid_by_the_schema(schema: Draft202012Validator) -> None:
    for text in TEXTS:
        assert list(schema.iter_errors(full(poisoned(text)))) == [], text


def test_one_run_for_each_surface_that_has_targets() -> None:
    ids = [each["automationDetails"]["id"] for each in github(sample())["runs"]]
    assert ids == ["scangate/infrastructure/production/", "scangate/container/production/", "scangate/network/"]
    assert [each["automationDetails"]["id"] for each in github(only(targets=(EDGE,)))["runs"]] == ["scangate/network/"]


def test_a_surface_where_no_scan_was_ok_is_left_out_for_github_and_said_in_full() -> None:
    failed = tuple(
        replace(each, status=Status.FAILED, reason="it crashed") if each.target == "edge" else each
        for each in sample().runs
    )
    report = replace(sample(), runs=failed)
    assert "scangate/network/" not in {each["automationDetails"]["id"] for each in github(report)["runs"]}
    network = run(full(report), "network")["invocations"][0]
    assert network["executionSuccessful"] is False
    failures = [each for each in network["toolExecutionNotifications"] if each["descriptor"]["id"] == "scan-failed"]
    assert [each["level"] for each in failures] == ["error", "error"]


def test_targets_of_two_environments_are_two_runs_with_a_category_each() -> None:
    staging = replace(WEB, id="web-staging", environment="Staging / EU")
    runs = (*sample().runs, replace(sample().runs[0], target="web-staging"))
    log = github(replace(sample(), targets=(WEB, staging), runs=runs))
    assert [each["automationDetails"]["id"] for each in log["runs"]] == [
        "scangate/container/production/",
        "scangate/container/staging-eu/",
    ]
    assert [len(each["results"]) for each in log["runs"]] == [10, 0]


def test_environments_that_differ_in_punctuation_only_are_one_category() -> None:
    other = replace(WEB, id="other", environment="PRODUCTION!")
    runs = (*sample().runs, replace(sample().runs[0], target="other"))
    assert len(github(replace(sample(), targets=(WEB, other), runs=runs))["runs"]) == 1


def test_more_environments_than_a_file_may_have_runs_are_not_told_apart() -> None:
    targets = tuple(replace(WEB, id=f"web{number}", environment=f"e{number}") for number in range(21))
    runs = tuple(replace(sample().runs[0], target=each.id) for each in targets)
    found = tuple(judged(replace(CURL, target=each.id)) for each in targets)
    log = github(only(*found, targets=targets, runs=runs))
    assert [each["automationDetails"]["id"] for each in log["runs"]] == ["scangate/container/"]
    assert len(results(log)) == 21
    log = github(only(*found, targets=targets[:20], runs=runs))
    assert len({each["automationDetails"]["id"] for each in log["runs"]}) == len(log["runs"]) == 20


def test_nothing_scanned_is_no_run_so_that_github_changes_no_alert() -> None:
    assert github(empty())["runs"] == []
    assert github(replace(sample(), runs=()))["runs"] == []


def test_a_finding_points_at_its_own_line() -> None:
    bucket = misconfiguration("CKV_AWS_18", "aws_s3_bucket.logs", "off", Severity.LOW, "deploy/a b.tf", 12)
    location = results(github(only(judged(bucket))))[0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "deploy/a%20b.tf", "uriBaseId": "%SRCROOT%"}
    assert location["physicalLocation"]["region"] == {"startLine": 12, "endLine": 19}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "aws_s3_bucket.logs", "kind": "resource"}]


def test_a_finding_without_a_file_points_at_the_line_that_declares_its_target() -> None:
    location = results(github(only(judged(CURL))))[0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "scangate.yml"
    assert location["physicalLocation"]["region"] == {"startLine": 4}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "pkg:deb/debian/curl"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web", "targets/web"),
        ("a:b/c d", "targets/a%3Ab%2Fc%20d"),
        ("..", "targets/__"),
        ("../x", "targets/__%2Fx"),
        ("", "targets/_"),
        ("é", "targets/%C3%A9"),
    ],
)
def test_a_target_of_the_command_line_has_a_path_of_its_own(name: str, expected: str) -> None:
    target = replace(WEB, id=name, declared_at=Location())
    report = only(judged(replace(CURL, target=name)), targets=(target,), runs=(replace(sample().runs[0], target=name),))
    assert uris(github(report)) == [expected]
    assert results(github(report))[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", ".", "x" * 2_000])
def test_a_path_that_leads_out_of_the_repository_is_not_used(path: str) -> None:
    finding = replace(CURL, location=Location(path=path, line=3, logical="pkg:deb/debian/curl"))
    assert uris(github(only(judged(finding)))) == ["scangate.yml"]


def test_a_colon_in_a_path_makes_no_scheme() -> None:
    finding = replace(CURL, location=Location(path="c:d/e.tf", line=3))
    assert uris(github(only(judged(finding)))) == ["c%3Ad/e.tf"]


def test_twenty_ports_declared_on_one_line_are_twenty_alerts() -> None:
    found = [judged(port("203.0.113.10", number, "x")) for number in range(1, 21)]
    assert len({json.dumps(each["partialFingerprints"]) for each in results(github(only(*found)))}) == 20
    hashes = {each["partialFingerprints"]["primaryLocationLineHash"] for each in results(github(only(*found)))}
    assert len(hashes) == 20
    assert set(uris(github(only(*found)))) == {"scangate.yml"}


def test_an_alert_stays_the_same_when_lines_wording_and_severity_change() -> None:
    changed = replace(
        CURL, severity=Severity.LOW, title="other", message="other", location=Location(path="x.tf", line=99), cvss=None
    )
    before, after = (results(github(only(judged(each))))[0] for each in (CURL, changed))
    assert before["ruleId"] == after["ruleId"]
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["partialFingerprints"]["scangate/v1"] == fingerprint(CURL)


def test_the_order_of_targets_and_decisions_changes_no_result() -> None:
    report = sample()
    shuffled = list(report.decisions)
    random.Random(7).shuffle(shuffled)
    other = replace(report, decisions=tuple(shuffled), targets=report.targets[::-1])
    for render in (GitHubSarif().render, FullSarif().render):
        assert render(other, Screen()) == render(report, Screen())


def test_github_is_not_shown_what_is_waived_or_fixed_and_is_told_how_many() -> None:
    log = github(sample())
    assert not {"CVE-2023-45853"} & {each["ruleId"] for each in results(log)}
    assert {each["properties"]["state"] for each in results(log)} == {"new", "unchanged"}
    assert run(log, "container")["properties"]["leftOut"] == {"closed": 1, "overLimit": 0}
    texts = [each["message"]["text"] for each in run(log, "network")["invocations"][0]["toolExecutionNotifications"]]
    assert "1 finding waived or fixed, not shown." in texts


def test_accepted_findings_are_still_findings() -> None:
    accepted = [each for each in results(github(sample())) if each["properties"]["action"] == "accept"]
    assert {each["level"] for each in accepted} == {"note"}
    assert len(accepted) == 5


def test_the_full_profile_says_what_is_suppressed_and_what_changed() -> None:
    log = full(sample())
    waived = next(each for each in results(log) if each["properties"]["waived"])
    assert waived["suppressions"][0]["kind"] == "external"
    assert waived["suppressions"][0]["status"] == "accepted"
    assert "MiniZip" in waived["suppressions"][0]["justification"]
    gone = next(each for each in results(log) if each["properties"]["state"] == "fixed")
    assert gone["baselineState"] == "absent"
    assert gone["suppressions"]
    assert {each["baselineState"] for each in results(log)} == {"new", "unchanged", "absent"}
    assert "suppressions" not in run(log, "infrastructure")["results"][0]
    assert run(log, "container")["results"][0]["suppressions"] == []


def test_without_a_baseline_no_result_has_a_state() -> None:
    assert not any("baselineState" in each for each in results(full(replace(sample(), baseline=""))))


def test_every_level_is_written_even_when_it_is_the_default_of_the_standard() -> None:
    warned = [each for each in results(github(sample())) if each["properties"]["action"] == "warn"]
    assert {each["level"] for each in warned} == {"warning"}
    assert len(warned) == 7


@pytest.mark.parametrize(
    ("severity", "score", "expected"),
    [
        (Severity.CRITICAL, 9.8, "9.8"),
        (Severity.CRITICAL, 9.0, "9.5"),  # GitHub calls critical what is over 9.0
        (Severity.CRITICAL, 5.0, "9.5"),
        (Severity.HIGH, 8.9, "8.9"),
        (Severity.HIGH, None, "8.0"),
        (Severity.MEDIUM, 9.8, "5.5"),
        (Severity.LOW, None, "2.0"),
        (Severity.INFO, 0.0, None),
        (Severity.UNKNOWN, None, None),
    ],
)
def test_security_severity_falls_into_the_band_of_the_severity(
    severity: Severity, score: float | None, expected: str | None
) -> None:
    finding = replace(CURL, severity=severity, cvss=None if score is None else Cvss(score=score, vector="x"))
    log = github(only(judged(finding)))
    assert rules(log)[CURL.rule]["properties"].get("security-severity") == expected
    assert results(log)[0].get("rank") == (float(expected) * 10 if expected else None)


def test_a_rule_with_two_severities_carries_the_highest_and_each_result_its_own_level() -> None:
    low = judged(replace(port("203.0.113.10", 1, "x"), severity=Severity.LOW), Action.WARN)
    high = judged(port("203.0.113.10", 2, "x"))
    log = github(only(low, high))
    assert rules(log)["net-unexpected-port"]["properties"]["security-severity"] == "8.0"
    assert [each["level"] for each in results(log)] == ["error", "warning"]
    assert [each["rank"] for each in results(log)] == [80.0, 20.0]


def test_a_rule_tells_why_the_fix_the_link_and_its_weaknesses() -> None:
    rule = rules(github(sample()))["CVE-2023-38545"]
    assert rule["shortDescription"]["text"] == "SOCKS5 heap buffer overflow."
    assert rule["helpUri"] == "https://osv.dev/vulnerability/CVE-2023-38545"
    for form in ("text", "markdown"):
        assert "upgrade curl to 7.88.1-10+deb12u4" in rule["help"][form]
        assert rule["helpUri"] in rule["help"][form]
    assert rule["properties"]["tags"] == [
        "security",
        "container",
        "external/cwe/cwe-122",
        "cwe-122",
        "external/cwe/cwe-787",
        "cwe-787",
        "CVE-2023-38545",
    ]
    assert rule["properties"]["precision"] == "very-high"
    assert [each["target"]["id"] for each in rule["relationships"]] == ["122", "787"]


def test_a_rule_is_not_named_after_one_of_many_findings() -> None:
    found = [judged(port("203.0.113.10", number, "x")) for number in (1, 2, 3)]
    assert rules(github(only(*found)))["net-unexpected-port"]["shortDescription"]["text"] == "net-unexpected-port."


@pytest.mark.parametrize(
    "link",
    ["http://x.example", "javascript:x", "https://", "https://x.example/<b>", "https://x\n.example", "https://[::1"],
)
def test_a_link_that_cannot_be_followed_safely_is_left_out(link: str) -> None:
    assert "helpUri" not in rules(github(only(judged(replace(CURL, help_uri=link)))))[CURL.rule]


def test_gaps_and_scans_that_did_not_run_are_notifications() -> None:
    network = run(github(sample()), "network")["invocations"][0]
    said = {each["descriptor"]["id"]: each for each in network["toolExecutionNotifications"]}
    assert said["scan-failed"]["level"] == "error"
    assert "the time allowed was used up" in said["scan-failed"]["message"]["text"]
    assert "edge.example.com" in said["not-covered"]["message"]["text"]
    assert network["startTimeUtc"] == "2026-11-21T20:15:00Z"
    assert network["executionSuccessful"] is True


def test_what_keeps_the_verdict_from_a_pass_is_the_first_notification_of_its_run() -> None:
    network = run(github(sample()), "network")["invocations"][0]["toolExecutionNotifications"]
    assert network[0]["descriptor"]["id"] == "verdict-incomplete"
    assert network[0]["level"] == "error"
    assert network[0]["message"]["text"].startswith("INCOMPLETE: tls on edge timed out: the time allowed was used up.")
    container = run(github(sample()), "container")["invocations"][0]["toolExecutionNotifications"]
    assert "verdict-incomplete" not in {each["descriptor"]["id"] for each in container}


def test_notifications_are_bounded() -> None:
    gaps = tuple(Gap(what=str(number), reason="no answer") for number in range(3_000))
    report = replace(sample(), runs=tuple(replace(each, gaps=gaps) for each in sample().runs))
    said = run(github(report), "network")["invocations"][0]["toolExecutionNotifications"]
    assert len(said) == 1_000
    assert said[-1]["message"]["text"].endswith("more notifications, see result.json.")


def test_results_over_the_limit_are_counted_and_the_failing_and_most_severe_are_kept() -> None:
    lows = [
        judged(replace(port("203.0.113.10", number, "x"), severity=Severity.LOW), Action.WARN)
        for number in range(6_000)
    ]
    highs = [judged(port("203.0.113.11", number, "x")) for number in range(10)]
    network = run(github(only(*lows, *highs)), "network")
    assert len(network["results"]) == 5_000
    assert [each["level"] for each in network["results"][:10]] == ["error"] * 10
    assert network["properties"]["leftOut"]["overLimit"] == 1_010
    texts = [each["message"]["text"] for each in network["invocations"][0]["toolExecutionNotifications"]]
    assert "1,010 findings over the limit, not shown." in texts


def test_a_file_over_the_size_that_is_taken_is_made_to_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "FULL", replace(sarif.FULL, size=100_000))
    report = large(300)
    text = FullSarif().render(report, Screen())
    assert 50_000 < len(text) <= 100_000
    assert complaints(json.loads(text), github=False) == []
    shown = sum(len(each["results"]) for each in json.loads(text)["runs"])
    assert shown + sum(each["properties"]["leftOut"]["overLimit"] for each in json.loads(text)["runs"]) == 300
    monkeypatch.setattr(sarif, "GITHUB", replace(sarif.GITHUB, size=10_000))
    packed = GitHubSarif().render(report, Screen())
    assert len(gzip.compress(packed.encode())) <= 10_000 < len(packed)


def test_findings_of_a_target_that_is_gone_break_nothing() -> None:
    stray = judged(replace(CURL, target="gone"), state=State.FIXED)
    assert results(full(only(stray))) == []
