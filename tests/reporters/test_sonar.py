"""Sonar's generic issues: the documented fields, and nothing that stops an import."""

import json
from dataclasses import replace
from typing import Any

import pytest

from scangate.core.model import Action, Report, Severity
from scangate.reporters import Screen
from scangate.reporters.sonar import Sonar

from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import CURL, decision, empty, large, passing, sample

ATTRIBUTES = {"TRUSTWORTHY", "LAWFUL", "RESPECTFUL"}


def write(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Sonar().render(report, Screen()))
    return found


def mistakes(found: dict[str, Any]) -> list[str]:
    """What the documentation of the format forbids; Sonar gives up the whole file at the first."""
    complaints = []
    for rule in found["rules"]:
        texts = ("id", "name", "engineId", "cleanCodeAttribute", "description")
        complaints += [f"{name} of {rule}" for name in texts if not isinstance(rule.get(name), str) or not rule[name]]
        impacts = [(each["softwareQuality"], each["severity"]) for each in rule["impacts"]]
        if rule["cleanCodeAttribute"] not in ATTRIBUTES or not set(impacts) <= {
            ("SECURITY", each) for each in ("HIGH", "MEDIUM", "LOW")
        }:
            complaints.append(f"impacts of {rule}")
        if rule["type"] != "VULNERABILITY" or rule["severity"] not in {"BLOCKER", "CRITICAL", "MAJOR", "MINOR", "INFO"}:
            complaints.append(f"severity of {rule}")
    ids = [rule["id"] for rule in found["rules"]]
    if len(ids) != len(set(ids)):
        complaints.append("two rules with one id")
    for issue in found["issues"]:
        where = issue["primaryLocation"]
        if issue["ruleId"] not in ids or not where["message"] or not where["filePath"]:
            complaints.append(f"issue {issue}")
        if where["textRange"]["startLine"] < 1 or where["filePath"].startswith(("/", "..")):
            complaints.append(f"place of {issue}")
    return complaints


@pytest.mark.parametrize(
    "report", [sample(), passing(), empty(), large(2_000)], ids=["sample", "passing", "empty", "large"]
)
def test_sonar_takes_it(report: Report) -> None:
    assert mistakes(write(report)) == []


@pytest.mark.parametrize("text", TEXTS)
def test_sonar_takes_hostile_text(text: str) -> None:
    assert mistakes(write(poisoned(text))) == []


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("sonar.json", Sonar().render(sample(), Screen()))


def test_a_rule_has_the_worst_severity_of_its_findings() -> None:
    pair = [
        decision(replace(CURL, subject=each.name, severity=each), Action.WARN) for each in (Severity.LOW, Severity.HIGH)
    ]
    (rule,) = write(replace(passing(), decisions=tuple(pair)))["rules"]
    assert (rule["severity"], rule["impacts"][0]["severity"]) == ("CRITICAL", "HIGH")
