"""Issues for Jenkins' plugin warnings-ng, in its own form: `recordIssues tool: issues(pattern: 'scangate.json')`.

The plugin reads a file whose name ends in .json. Its severities are ERROR, HIGH, NORMAL and LOW.
"""

from html import escape
from typing import Any, Final

from scangate.core.model import Report, Severity
from scangate.reporters import Screen
from scangate.reporters.entries import GAP, REST, Entry, entries
from scangate.reporters.listing import array

MOST: Final = 10_000
"""Issues of one report: the plugin keeps all of them in memory, and in every build."""
_SEVERITIES: Final = {
    Severity.CRITICAL: "ERROR",
    Severity.HIGH: "HIGH",
    Severity.MEDIUM: "NORMAL",
    Severity.LOW: "LOW",
    Severity.INFO: "LOW",
    Severity.UNKNOWN: "NORMAL",
}
_CATEGORIES: Final = {"error": "blocking", "warning": "warning", "note": "accepted"}


class WarningsNg:
    """Open findings and gaps, by what the policy says of them (category) and by rule (type)."""

    name = "warnings-ng"
    summary = "Jenkins warnings-ng native JSON: open findings and gaps"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return f'{{"issues": {array(map(_issue, entries(report, MOST)))}}}\n'


def _issue(entry: Entry) -> dict[str, Any]:
    special = {GAP: "not covered", REST: "not shown"}
    return {
        "fileName": entry.place.path,
        "lineStart": entry.place.line,
        "lineEnd": entry.place.end_line,
        "severity": _SEVERITIES[entry.severity],
        "category": special.get(entry.rule) or _CATEGORIES[entry.level],
        "type": entry.rule,
        # The plugin shows messages and descriptions as HTML.
        "message": escape(entry.text),
        "description": f'<a href="{escape(entry.link)}">{escape(entry.rule)}</a>' if entry.link else "",
        "moduleName": entry.target,
        "fingerprint": entry.fingerprint,
    }
