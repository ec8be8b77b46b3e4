"""The profile for GitLab 19.2 and later: severity by `rank`, identity by place, kind of report by CWE."""

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scangate.core.model import Action, Report, Severity
from scangate.linting import GITLAB
from scangate.reporters import Screen
from scangate.reporters.sarif import GitLabSarif, log

from .hostile import TEXTS, poisoned
from .receiver import complaints, linted
from .sample import EDGE, decision, large, port, sample

GOLDEN = Path(__file__).parent / "golden" / "scangate-gitlab.sarif"


def gitlab(report: Report) -> Any:
    return json.loads(GitLabSarif().render(report, Screen()))


def severity(result: dict[str, Any]) -> str:
    """GitLab's bands, gaps and all: what is in none is critical."""
    bands = ((0.0, 9.9, "info"), (10.0, 39.9, "low"), (40.0, 69.9, "medium"), (70.0, 89.9, "high"))
    return next((name for low, high, name in bands if low <= result["rank"] <= high), "critical")


def test_every_severity_is_read_as_it_was_judged_also_those_without_a_score() -> None:
    for each in Severity:
        found = decision(replace(port("203.0.113.10", 1, "x"), severity=each), Action.WARN)
        loud = decision(replace(port("203.0.113.10", 2, "x"), severity=Severity.CRITICAL), Action.FAIL)
        results = gitlab(replace(sample(), decisions=(found, loud), targets=(EDGE,)))["runs"][0]["results"]
        read = {severity(result) for result in results if result["properties"]["severity"] == each.name.lower()}
        assert read == {"medium" if each is Severity.UNKNOWN else each.name.lower()}


def test_waived_and_fixed_findings_are_counted_and_not_shown() -> None:
    results = [each for run in gitlab(sample())["runs"] for each in run["results"]]
    assert not any("suppressions" in each or "baselineState" in each for each in results)
    assert sum(run["properties"]["leftOut"]["closed"] for run in gitlab(sample())["runs"]) == 2


def test_a_service_in_cleartext_is_not_filed_as_a_secret_and_keeps_its_weakness() -> None:
    ftp = replace(port("203.0.113.10", 21, "ftp"), rule="net-cleartext-ftp", cwes=("CWE-319", "CWE-523"))
    run = gitlab(replace(sample(), decisions=(decision(ftp, Action.FAIL),), targets=(EDGE,)))["runs"][0]
    rule = run["tool"]["driver"]["rules"][0]
    assert "319" not in json.dumps([rule["properties"]["tags"], rule["relationships"], run["taxonomies"]])
    assert "cwe-523" in rule["properties"]["tags"]
    assert run["results"][0]["properties"]["cwes"] == ["CWE-319", "CWE-523"]


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_changes_nothing_about_acceptance(text: str) -> None:
    assert complaints(gitlab(poisoned(text)), github=False) == []
    # All of its findings have one rule and one subject, which makes them one.
    assert linted(gitlab(poisoned(text)), GITLAB, but={"same-place"}) == []


def test_hostile_text_stays_valid_by_the_schema(shared: Path) -> None:
    schema = json.loads((shared / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for text in TEXTS[::7]:  # places are what differs from the other profiles, and those are linted above
        assert list(validator.iter_errors(gitlab(poisoned(text)))) == [], text


def test_a_large_report_fits_and_what_is_left_out_is_counted() -> None:
    text = GitLabSarif().render(large(7_000), Screen())
    assert len(text) <= 10_000_000
    runs = json.loads(text)["runs"]
    shown = Counter(len(run["results"]) <= 5_000 for run in runs)
    assert shown[False] == 0
    counted = sum(len(run["results"]) + sum(run["properties"]["leftOut"].values()) for run in runs)
    assert counted == 7_000


def test_the_sample_is_rendered_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "__version__", "1.2.3")
    text = json.dumps(gitlab(sample()), indent=1) + "\n"
    if os.environ.get("SCANGATE_RENEW_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()
