"""GitLab's Code Quality report: what the free tier shows in a merge request.

GitLab stops reading at the first entry that it does not like, and folds entries with equal fingerprints into one.
https://docs.gitlab.com/ci/testing/code_quality/
"""

from typing import Any, Final

from scangate.core.model import Report, Severity
from scangate.reporters import Screen
from scangate.reporters.entries import Entry, entries
from scangate.reporters.listing import array

MOST: Final = 5_000
_SEVERITIES: Final = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
    Severity.UNKNOWN: "major",
}


class CodeQuality:
    """Open findings and gaps, each at a line of a file."""

    name = "gitlab-codequality"
    summary = "GitLab Code Quality report, for merge requests in every tier: open findings and gaps"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return array(map(_degradation, entries(report, MOST))) + "\n"


def _degradation(entry: Entry) -> dict[str, Any]:
    return {
        "description": entry.text,
        "check_name": entry.rule,
        "fingerprint": entry.fingerprint,
        "severity": _SEVERITIES[entry.severity],
        "location": {"path": entry.place.path, "lines": {"begin": entry.place.line, "end": entry.place.end_line}},
    }
