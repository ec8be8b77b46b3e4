"""Code Insights: bodies that Bitbucket's API takes, by its documented limits."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from scangate.core.model import Report
from scangate.reporters import Screen
from scangate.reporters.bitbucket import Bitbucket

from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import empty, large, passing, sample


def write(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Bitbucket().render(report, Screen()))
    return found


def mistakes(found: dict[str, Any]) -> list[str]:  # noqa: C901 - a list of demands
    complaints = []
    report = found["report"]
    if report["report_type"] != "SECURITY" or report["result"] not in {"PASSED", "FAILED"} or len(report["data"]) > 10:
        complaints.append("report")
    if not report["title"] or not 0 < len(report["details"]) <= 2_000:
        complaints.append("title or details")
    for each in report["data"]:
        kind = {"NUMBER": int, "TEXT": str}[each["type"]]
        if not isinstance(each["value"], kind):
            complaints.append(f"data {each}")
    if (
        any(not 0 < len(request) <= 100 for request in found["annotations"])
        or sum(map(len, found["annotations"])) > 1_000
    ):
        complaints.append("annotations by request or in all")
    for each in (each for request in found["annotations"] for each in request):
        if not each["external_id"] or not 0 < len(each["summary"]) <= 450 or len(each.get("details", "")) > 2_000:
            complaints.append(f"texts of {each}")
        if each["annotation_type"] != "VULNERABILITY" or each["severity"] not in {"CRITICAL", "HIGH", "MEDIUM", "LOW"}:
            complaints.append(f"severity of {each}")
        if each["result"] not in {"PASSED", "FAILED", "IGNORED", "SKIPPED"} or ("line" in each) is not ("path" in each):
            complaints.append(f"result or place of {each}")
        if "link" in each and urlsplit(each["link"]).scheme != "https":
            complaints.append(f"link of {each}")
    return complaints


@pytest.mark.parametrize(
    "report", [sample(), passing(), empty(), large(5_000)], ids=["sample", "passing", "empty", "large"]
)
def test_the_api_takes_it(report: Report) -> None:
    found = write(report)
    assert mistakes(found) == []
    ids = [each["external_id"] for request in found["annotations"] for each in request]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("text", TEXTS)
def test_the_api_takes_hostile_text(text: str) -> None:
    assert mistakes(write(poisoned(text))) == []


def test_only_a_pass_has_passed() -> None:
    assert [write(each)["report"]["result"] for each in (passing(), sample(), empty())] == [
        "PASSED",
        "FAILED",
        "FAILED",
    ]


def test_a_target_of_the_command_line_has_no_file() -> None:
    found = [each for request in write(empty())["annotations"] for each in request]
    assert found
    assert not any("path" in each for each in found)


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("bitbucket.json", Bitbucket().render(sample(), Screen()))
