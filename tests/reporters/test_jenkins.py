"""warnings-ng: issues as the plugin's parser reads them (edu.hm.hafner.analysis.parser.JsonParser)."""

import json
from typing import Any

import pytest

from scangate.core.model import Report
from scangate.reporters import Screen
from scangate.reporters.jenkins import WarningsNg

from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import empty, passing, sample

TEXT_FIELDS = {"fileName", "severity", "category", "type", "message", "description", "moduleName", "fingerprint"}


def issues(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(WarningsNg().render(report, Screen()))["issues"]
    return found


@pytest.mark.parametrize("report", [sample(), passing(), empty(), *map(poisoned, TEXTS)])
def test_the_parser_finds_the_fields_it_knows_with_the_types_it_wants(report: Report) -> None:
    for each in issues(report):
        assert set(each) == TEXT_FIELDS | {"lineStart", "lineEnd"}
        assert all(isinstance(each[name], str) for name in TEXT_FIELDS)
        assert 1 <= each["lineStart"] <= each["lineEnd"] < 2**31  # a Java int
        assert each["severity"] in {"ERROR", "HIGH", "NORMAL", "LOW"}
        assert each["fileName"]
        assert each["message"]


def test_messages_are_html_that_shows_the_text() -> None:
    found = issues(poisoned('<img src=x onerror="alert(1)">'))
    assert found
    assert not any("<img" in each["message"] + each["description"] for each in found)


def test_categories_are_what_the_policy_makes_of_it() -> None:
    assert {each["category"] for each in issues(sample())} == {"blocking", "warning", "accepted", "not covered"}


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("warnings-ng.json", WarningsNg().render(sample(), Screen()))
