"""Code Quality and dotenv: what GitLab's parsers do with them, as its source tells."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from scangate.core.model import Action, Report, Severity
from scangate.reporters import Screen
from scangate.reporters.codequality import CodeQuality
from scangate.reporters.dotenv import MOST, DotEnv

from .generated import reports
from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import CURL, decision, empty, large, passing, sample

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def quality(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(CodeQuality().render(report, Screen()))
    return found


def taken(found: list[dict[str, Any]]) -> int:
    """How many GitLab takes: it stops at the first invalid entry, and folds equal fingerprints into one."""
    prints = set()
    for each in found:
        place = each.get("location", {})
        texts = (each.get("description"), each.get("fingerprint"), place.get("path"), each.get("check_name"))
        begin = place.get("lines", {}).get("begin")
        if each.get("severity") not in SEVERITIES or not all(isinstance(text, str) and text for text in texts):
            break
        if not isinstance(begin, int) or begin < 1 or place["path"].startswith(("/", "./", "../")):
            break
        prints.add(each["fingerprint"])
    return len(prints)


@pytest.mark.parametrize(
    "report", [sample(), passing(), empty(), large(9_000)], ids=["sample", "passing", "empty", "large"]
)
def test_gitlab_takes_every_entry(report: Report) -> None:
    found = quality(report)
    assert taken(found) == len(found) <= 5_000


@pytest.mark.parametrize("text", TEXTS)
def test_gitlab_takes_every_entry_with_hostile_text(text: str) -> None:
    report = poisoned(text)
    # Fingerprints are the model's: equal texts in all fields are equal findings there.
    found = quality(report)
    assert taken(found) == len({each["fingerprint"] for each in found})


@given(reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_is_taken_whole(report: Report) -> None:
    found = quality(report)
    assert taken(found) == len({each["fingerprint"] for each in found})


def test_it_passes_the_schema(shared: Path) -> None:
    schema = json.loads((shared / "schemas" / "gitlab" / "code-quality.own.json").read_text())
    for report in (sample(), passing(), empty(), poisoned("::error::x")):
        assert list(Draft7Validator(schema).iter_errors(quality(report))) == []


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("gl-codequality-report.json", CodeQuality().render(sample(), Screen()))


def test_nothing_found_and_nothing_missing_is_an_empty_list() -> None:
    assert CodeQuality().render(replace(passing(), decisions=()), Screen()) == "[]\n"


def test_severities_are_those_of_the_findings() -> None:
    report = replace(
        passing(),
        decisions=tuple(decision(replace(CURL, severity=each, rule=each.name), Action.WARN) for each in Severity),
    )
    assert {each["check_name"]: each["severity"] for each in quality(report)} == {
        "UNKNOWN": "major",
        "INFO": "info",
        "LOW": "minor",
        "MEDIUM": "major",
        "HIGH": "critical",
        "CRITICAL": "blocker",
    }


def test_what_was_not_covered_is_an_entry_where_its_target_is_declared() -> None:
    (found,) = [each for each in quality(sample()) if "tls on edge" in each["description"]]
    assert found["check_name"] == "scangate-not-covered"
    assert found["severity"] == "critical"
    assert found["location"] == {"path": "scangate.yml", "lines": {"begin": 9, "end": 9}}


def test_variables_are_ours_and_their_values_are_words_or_numbers() -> None:
    for text in TEXTS:
        written = DotEnv().render(poisoned(text), Screen())
        lines = written.splitlines()
        assert len(lines) <= MOST
        assert len(written) < 5_000
        # As GitLab scans a line.
        assert all(re.fullmatch(r"SCANGATE_[A-Z]+=(?:PASS|FAIL|INCOMPLETE|[0-9]+)", each) for each in lines)
        assert len({each.partition("=")[0] for each in lines}) == len(lines)


def test_variables_count_what_is_there() -> None:
    assert as_recorded("scangate.env", DotEnv().render(sample(), Screen()))
    assert DotEnv().render(empty(), Screen()).startswith("SCANGATE_VERDICT=INCOMPLETE\nSCANGATE_BLOCKING=0\n")
