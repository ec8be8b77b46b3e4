"""Logging commands: read back as Azure's agent reads them, whatever was scanned."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from scangate.core.model import Action, Report
from scangate.reporters import Screen
from scangate.reporters.azure import Azure

from .generated import reports
from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import CURL, decision, empty, large, passing, sample

COMMAND = re.compile(r"##vso\[task\.logissue ([^\]\n]*)\]([^\n]*)")


def decoded(text: str) -> str:
    """The agent's mappings, in its order: the percent sign last."""
    for code, character in (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")):
        text = text.replace(code, character)
    return text


def read(report: Report) -> list[tuple[dict[str, str], str]]:
    """The commands, as the agent takes them apart; every other line must be plain."""
    found = []
    for line in Azure().render(report, Screen())[:-1].split("\n"):
        if match := COMMAND.fullmatch(line):
            assert "##" not in match[2]
            properties = {
                name: decoded(value) for name, value in (each.split("=", 1) for each in match[1].split(";") if each)
            }
            assert set(properties) <= {"type", "code", "sourcepath", "linenumber"}
            assert properties["type"] in {"error", "warning"}
            found.append((properties, decoded(match[2])))
        else:
            assert line.startswith("scangate: ")
            assert "##vso" not in line
            assert "##[" not in line
    return found


@pytest.mark.parametrize("report", [sample(), passing(), empty(), large(500), *map(poisoned, TEXTS)])
def test_ten_errors_and_ten_warnings_and_nothing_else_is_obeyed(report: Report) -> None:
    kinds = [properties["type"] for properties, _text in read(report)]
    assert kinds.count("error") <= 10
    assert kinds.count("warning") <= 10


@given(reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_is_only_our_commands(report: Report) -> None:
    read(report)


def test_texts_read_as_they_were() -> None:
    odd = replace(CURL, rule="a;b]c%3B", message="100 % of it; %0A ]x", title="x")
    properties, text = read(replace(sample(), decisions=(decision(odd, Action.FAIL),)))[1]
    assert properties["code"] == "a;b]c%3B"
    assert "100 % of it; %0A ]x." in text


def test_the_verdict_comes_first() -> None:
    assert read(sample())[0][1].startswith("scangate: FAIL: rule exploited fails 2 findings")
    assert read(empty())[0][1].startswith("scangate: INCOMPLETE: there is no target")
    assert Azure().render(passing(), Screen()).startswith("scangate: PASS")


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("azure-commands.txt", Azure().render(sample(), Screen()))
