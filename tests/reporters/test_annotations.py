"""Workflow commands: read back as GitHub's runner reads them, whatever was scanned."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from scangate.core.model import Action, Report, Severity
from scangate.reporters import Screen
from scangate.reporters.annotations import Annotations

from .generated import reports
from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import CURL, decision, empty, large, passing, sample

COMMAND = re.compile(r"::(error|warning|notice) ([^\n]*?)::([^\n]*)")


def read(report: Report) -> list[tuple[str, dict[str, str], str]]:
    """Every line, as the runner takes it apart and decodes it."""
    found = []
    text = Annotations().render(report, Screen())
    for line in text[:-1].split("\n"):
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(each.split("=", 1) for each in match[2].split(","))
        assert set(properties) <= {"title", "file", "line", "endLine"}
        decoded = {
            name: value.replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
            for name, value in properties.items()
        }
        found.append((match[1], decoded, match[3].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")))
    return found


@pytest.mark.parametrize("report", [sample(), passing(), empty(), large(500), *map(poisoned, TEXTS)])
def test_ten_of_each_type_and_each_one_command(report: Report) -> None:
    found = read(report)
    levels = [level for level, _properties, _text in found]
    assert all(levels.count(each) <= 10 for each in ("error", "warning", "notice"))
    assert all("\n" not in text and "\r" not in text for _level, _properties, text in found)


@given(reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_is_only_our_commands(report: Report) -> None:
    read(report)


def test_the_verdict_comes_first_and_is_an_error_unless_it_is_a_pass() -> None:
    assert [(read(each)[0][0], read(each)[0][2].split(":")[0]) for each in (sample(), empty(), passing())] == [
        ("error", "FAIL"),
        ("error", "INCOMPLETE"),
        ("notice", "PASS"),
    ]


def test_texts_read_as_they_were() -> None:
    odd = replace(CURL, rule="a:b,c%3A", message="100 % of it, %0A::error::x", title="x")
    _level, properties, text = read(replace(sample(), decisions=(decision(odd, Action.FAIL),)))[1]
    assert properties["title"] == "critical a:b,c%3A"
    assert text.startswith("100 % of it, %0A::error::x.")


def test_a_failed_scan_does_not_hide_behind_findings() -> None:
    many = tuple(decision(replace(CURL, subject=str(n), severity=Severity.CRITICAL), Action.FAIL) for n in range(50))
    found = read(replace(sample(), decisions=many))
    assert any("the time allowed was used up" in text for _level, _properties, text in found)
    assert found[-1][2] == "Not shown here: 42 more, see the report."


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("github-commands.txt", Annotations().render(sample(), Screen()))
