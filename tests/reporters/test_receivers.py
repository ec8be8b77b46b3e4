"""What every report for a CI promises: the same bytes for the same result, nothing lost silently, nothing injected."""

import json
import time
import unicodedata
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings

from scangate.core.model import Gap, Reason, Report, Run, Status, Verdict
from scangate.reporters import Reporter, Screen
from scangate.reporters import gitlab as native
from scangate.reporters.annotations import Annotations
from scangate.reporters.azure import Azure
from scangate.reporters.bitbucket import Bitbucket
from scangate.reporters.codequality import CodeQuality
from scangate.reporters.csv_table import Csv
from scangate.reporters.dotenv import DotEnv
from scangate.reporters.entries import entries, gaps
from scangate.reporters.jenkins import WarningsNg
from scangate.reporters.junit import JUnit
from scangate.reporters.sonar import Sonar

from .generated import reports
from .hostile import TEXTS, poisoned
from .sample import RUNS, empty, large, passing, sample

GITLAB: tuple[Reporter, ...] = (
    native.ContainerScanning(),
    native.ClusterImageScanning(),
    native.DependencyScanning(),
    native.Sast(),
    native.SecretDetection(),
    native.Dast(),
)
LISTS: tuple[Reporter, ...] = (CodeQuality(), Sonar(), WarningsNg(), Bitbucket())
COMMANDS: tuple[Reporter, ...] = (Annotations(), Azure())
ALL = (*GITLAB, *LISTS, *COMMANDS, Csv(), JUnit(), DotEnv())
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
EACH = pytest.mark.parametrize("reporter", ALL, ids=lambda each: each.name)
EACH_TEXT = pytest.mark.parametrize(
    "reporter", [each for each in ALL if each.name != "azure"], ids=lambda each: each.name
)


def render(reporter: Reporter, report: Report) -> str:
    return reporter.render(report, Screen())


def shuffled(report: Report) -> Report:
    slower = tuple(replace(run, seconds=run.seconds * 3 + 1) for run in report.runs)
    return replace(report, decisions=report.decisions[::-1], runs=slower)


@EACH
@pytest.mark.parametrize("report", [sample(), passing(), empty()], ids=["sample", "passing", "empty"])
def test_equal_results_give_equal_texts(reporter: Reporter, report: Report) -> None:
    text = render(reporter, report)
    assert text == render(reporter, shuffled(report))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@EACH_TEXT
def test_no_foreign_text_becomes_a_command_or_hides(reporter: Reporter) -> None:
    for hostile in TEXTS:
        text = render(reporter, poisoned(hostile))
        assert {unicodedata.category(each) for each in set(text) - {"\n", "\r", "\ufe0f"}}.isdisjoint(HIDDEN)
        assert ("\r" in text) is (reporter.name == "csv")
        assert "##[" not in text
        assert "##vso[" not in text
        if reporter.name != "github":
            assert not any(each.lstrip().startswith("::") for each in text.splitlines())
        text.encode()
        if reporter in (*GITLAB, *LISTS):
            assert text.isascii()
            json.loads(text)


@given(reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_can_be_written(report: Report) -> None:
    for reporter in ALL:
        text = render(reporter, report)
        assert "##[" not in text
        text.encode()


@EACH
def test_twelve_thousand_findings_are_written_before_patience_ends(reporter: Reporter) -> None:
    report = _large()
    started = time.monotonic()
    text = render(reporter, report)
    assert time.monotonic() - started < 60  # two seconds are usual for the slowest
    assert len(text) < 40_000_000


@cache
def _large() -> Report:
    return large(12_000)


@pytest.mark.parametrize("reporter", LISTS, ids=lambda each: each.name)
def test_lists_say_what_they_leave_out(reporter: Reporter) -> None:
    assert "more of this list, see result.json." in render(reporter, _large())


@pytest.mark.parametrize("reporter", [*LISTS, *COMMANDS, Csv(), JUnit()], ids=lambda each: each.name)
def test_what_was_not_covered_is_as_visible_as_a_finding(reporter: Reporter) -> None:
    text = render(reporter, sample())
    assert "edge.example.com" in text
    assert "the time allowed was used up" in text
    quiet = replace(empty(), runs=(replace(RUNS[4], reason="nobody was at home"),))
    assert "nobody was at home" in render(reporter, quiet)


def test_gaps_are_told_once_each_and_the_blamed_first() -> None:
    found = gaps(sample())
    assert [each.level for each in found] == ["error", "warning", "warning"]
    assert len({each.fingerprint for each in found}) == 3
    assert gaps(passing()) == ()
    assert [each.text for each in gaps(empty())] == ["Not covered: there is no target. Fix: name one in scangate.yml."]


def test_a_reason_that_says_more_than_the_gaps_of_a_scan_is_told_too() -> None:
    stale = Reason(verdict=Verdict.INCOMPLETE, text="data of 2020", scanner="nmap", target="edge")
    report = replace(sample(), reasons=(*sample().reasons, stale))
    assert "Not covered: data of 2020." in [each.text for each in gaps(report)]


def test_any_number_of_gaps_fits_and_is_counted() -> None:
    run = replace(RUNS[0], gaps=tuple(Gap(what=f"file {number}", reason="unreadable") for number in range(5_000)))
    found = gaps(replace(passing(), runs=(run,)))
    assert len(found) == 500
    assert found[-1].text == "Not covered: 4,501 more gaps, see result.json."


def test_a_scan_that_was_never_to_be_is_no_gap() -> None:
    runs = tuple(replace(RUNS[4], status=each) for each in (Status.SKIPPED, Status.NOT_APPLICABLE))
    assert gaps(replace(passing(), runs=runs)) == ()


def test_an_enrichment_counts_only_where_the_verdict_relies_on_it() -> None:
    run = Run(scanner="kev", target="", status=Status.FAILED, reason="no data")
    assert gaps(replace(passing(), runs=(run,))) == ()
    reason = Reason(verdict=Verdict.INCOMPLETE, text="kev failed: no data", scanner="kev")
    assert len(gaps(replace(passing(), runs=(run,), reasons=(reason,)))) == 1


def test_a_list_holds_all_open_findings_in_the_order_of_their_importance() -> None:
    found = entries(sample(), 1_000)
    assert [each.level for each in found] == ["error"] * 10 + ["warning"] * 9 + ["note"] * 5
    assert [each.rule for each in found[:3]] == ["CVE-2023-38545", "CVE-2023-4911", "CVE-2023-44487"]
    prints = {each.fingerprint for each in found}
    assert len(prints) == len(found)
    closed = {each.fingerprint for each in sample().decisions if each.waived or each.state == "fixed"}
    assert closed
    assert not closed & prints


def test_a_cut_list_counts_the_rest() -> None:
    found = entries(sample(), 5)
    assert len(found) == 5
    assert found[-1].text == "Not shown here: 20 more of this list, see result.json."


def test_a_finding_without_a_file_is_shown_where_its_target_is_declared() -> None:
    places = {each.rule: each.place for each in entries(sample(), 1_000)}
    assert (places["CVE-2023-38545"].path, places["CVE-2023-38545"].line) == ("scangate.yml", 4)
    assert (places["CKV_AWS_24"].path, places["CKV_AWS_24"].end_line) == ("deploy/network.tf", 38)
