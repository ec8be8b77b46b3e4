"""Sonar's generic issues in the form that came with SonarQube 10.3: rules, and issues that refer to them.

Sonar ignores issues of files that it does not know, and says so in its log. The severities are those that every
version since 10.3 knows; BLOCKER and INFO of impacts came later.
https://docs.sonarsource.com/sonarqube-server/latest/analyzing-source-code/importing-external-issues/generic-issue-import-format/
"""

from collections.abc import Iterable
from typing import Any, Final

from scangate.core.model import Report, Severity
from scangate.reporters import Screen
from scangate.reporters.entries import Entry, entries
from scangate.reporters.listing import array

MOST: Final = 10_000
"""Issues of one report: no page and no call of Sonar shows more."""
_IMPACTS: Final = {
    Severity.CRITICAL: "HIGH",
    Severity.HIGH: "HIGH",
    Severity.MEDIUM: "MEDIUM",
    Severity.LOW: "LOW",
    Severity.INFO: "LOW",
    Severity.UNKNOWN: "MEDIUM",
}
_SEVERITIES: Final = {
    Severity.CRITICAL: "BLOCKER",
    Severity.HIGH: "CRITICAL",
    Severity.MEDIUM: "MAJOR",
    Severity.LOW: "MINOR",
    Severity.INFO: "INFO",
    Severity.UNKNOWN: "MAJOR",
}


class Sonar:
    """Open findings and gaps as external issues."""

    name = "sonar"
    summary = "SonarQube and SonarCloud generic issues (10.3 and later): open findings and gaps"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        found = entries(report, MOST)
        return f'{{"rules": {array(_rules(found))},\n"issues": {array(map(_issue, found))}}}\n'


def _rules(found: Iterable[Entry]) -> list[dict[str, Any]]:
    """One for each rule. Severities belong to rules in Sonar, so a rule has the worst of its findings."""
    worst: dict[str, Entry] = {}
    for entry in found:
        known = worst.setdefault(entry.rule, entry)
        if (-entry.severity, entry.title) < (-known.severity, known.title):
            worst[entry.rule] = entry
    return [_rule(worst[name]) for name in sorted(worst)]


def _rule(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.rule,
        "name": entry.title,
        "description": f"{entry.title} ({entry.link})" if entry.link else entry.title,
        "engineId": "scangate",
        "cleanCodeAttribute": "TRUSTWORTHY",
        "type": "VULNERABILITY",
        "severity": _SEVERITIES[entry.severity],
        "impacts": [{"softwareQuality": "SECURITY", "severity": _IMPACTS[entry.severity]}],
    }


def _issue(entry: Entry) -> dict[str, Any]:
    return {
        "ruleId": entry.rule,
        "primaryLocation": {
            "message": entry.text,
            "filePath": entry.place.path,
            "textRange": {"startLine": entry.place.line},
        },
    }
