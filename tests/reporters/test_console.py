import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from scangate.core.model import Gap, Report
from scangate.reporters import Screen
from scangate.reporters.console import Console

from .generated import reports
from .hostile import TEXTS, poisoned
from .sample import empty, large, passing, sample

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
SGR = re.compile(r"\x1b\[[0-9;]*m")


def render(report: Report, width: int = 100, *, colour: bool = False) -> str:
    return Console().render(report, Screen(width=width, colour=colour))


def words(text: str) -> str:
    """The text without the accidents of wrapping."""
    return " ".join(text.split())


@pytest.mark.parametrize("width", [60, 80, 99, 100, 120, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    assert max(map(cell_len, render(sample(), width).splitlines())) <= width


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [60, 120])
def test_hostile_text_moves_no_cursor_and_commands_no_runner(text: str, width: int) -> None:
    for colour in (False, True):
        plain = SGR.sub("", render(poisoned(text), width, colour=colour))
        assert {unicodedata.category(each) for each in set(plain) - {"\n"}}.isdisjoint(HIDDEN)
        assert not re.search(r"^\s*::|##\w*\[", plain, re.MULTILINE)
        assert max(map(cell_len, plain.splitlines())) <= width


@given(reports(), st.integers(60, 200))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_fits_the_screen(report: Report, width: int) -> None:
    plain = render(report, width)
    assert max(map(cell_len, plain.splitlines())) <= width
    assert not re.search(r"^\s*::", plain, re.MULTILINE)


def test_markup_in_foreign_text_is_text() -> None:
    assert "[bold red]markup[/]" in words(render(poisoned("[bold red]markup[/] :smile:"), 200))
    assert ":smile:" in render(poisoned(":smile:"), 200)


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in render(sample())
    monkeypatch.setenv("NO_COLOR", "1")
    assert SGR.search(render(sample(), colour=True))


def test_colour_changes_no_word() -> None:
    coloured = "\n".join(each.rstrip() for each in SGR.sub("", render(sample(), colour=True)).splitlines()) + "\n"
    assert coloured == render(sample())


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = render(sample())
    for name, value in {"COLUMNS": "40", "TERM": "dumb", "LINES": "5", "JUPYTER_COLUMNS": "50"}.items():
        monkeypatch.setenv(name, value)
    assert render(sample()) == before


def test_every_failing_finding_has_its_rule_and_its_fix() -> None:
    for width in (80, 120):
        text = words(render(sample(), width))
        for each in ("CVE-2023-38545", "known exploited", "CVSS 9.8", "EPSS 26.4%", "deploy/network.tf:31"):
            assert each in text
        assert "FAIL upgrade curl to 7.88.1-10+deb12u4 by critical critical CVE-2023-38545 SOCKS5 heap" in text


def test_findings_that_one_piece_of_work_clears_stand_together() -> None:
    text = render(sample(), 120)
    assert text.count("FAIL upgrade openssl to 3.0.15-1~deb12u1") == 1
    work = text.partition("FAIL upgrade openssl")[2].partition("warn ")[0]
    assert all(each in work for each in ("CVE-2024-4741", "CVE-2024-6119", "CVE-2024-5535"))


def test_a_piece_of_work_names_its_places_unless_it_does_so_already() -> None:
    text = words(render(sample(), 200))
    assert "close port 6379/tcp, or add it to `expect` of target edge, 203.0.113.10:6379/tcp" in text
    assert "upgrade curl to 7.88.1-10+deb12u4 by critical" in text


def test_the_verdict_is_the_last_block_with_reasons_and_changes() -> None:
    last = render(sample(), 120).rpartition("\n───")[2]
    for each in (
        "FAIL  9 findings fail (1 critical, 8 high), 7 warn; 4 of 5 scans ran",
        "rule exploited fails 2 findings on web",
        "What would clear the failures",
        "upgrade openssl to 3.0.15-1~deb12u1 (clears 3 findings on web)",
        "policy baseline (builtin:baseline, sha256",
    ):
        assert each in last


def test_what_was_not_scanned_is_said_with_its_reason() -> None:
    text = words(render(sample(), 120))
    assert "grype skipped grype is not installed" in text
    assert "timed-out the time allowed was used up raise the scanner's `timeout`" in text.replace("edge tls ", "")
    assert "not covered: edge.example.com: the host did not answer" in text
    assert "211 of 212 packages" in text
    assert "Debian:12 of 2026-11-20 (1 day old)" in text


def test_waived_accepted_and_fixed_are_counted() -> None:
    text = render(sample())
    assert "1 accepted (1 low); 1 waived (1 critical)" in text
    assert "1 accepted (1 info); 1 fixed (1 high)" in text
    assert "MiniZip is not built" in text


def test_hundreds_of_findings_are_shown_in_part_and_the_rest_counted() -> None:
    text = render(large(1_000), 120)
    assert len(text.splitlines()) < 700
    assert "more that fail" in text
    assert "all of them: -o result=FILE" in text


def test_many_gaps_are_counted() -> None:
    gaps = tuple(Gap(what=f"host {number}", reason="no answer") for number in range(400))
    text = render(replace(sample(), runs=tuple(replace(run, gaps=gaps) for run in sample().runs)))
    assert "not covered: 395 more, see result.json" in text


def test_a_pass_and_an_empty_run_are_told_plainly() -> None:
    assert "PASS  0 findings fail, 0 warn; all 4 scans ran" in render(passing())
    assert "nothing was scanned" in render(empty())
    assert "INCOMPLETE" in render(empty())


def test_the_order_of_decisions_does_not_matter() -> None:
    assert render(replace(sample(), decisions=sample().decisions[::-1])) == render(sample())


def test_a_target_that_is_gone_is_named() -> None:
    assert "no longer a target" in render(replace(sample(), targets=sample().targets[1:]))
