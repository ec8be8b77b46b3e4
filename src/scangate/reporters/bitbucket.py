"""Code Insights of Bitbucket Cloud: the body of one PUT (`report`), and of one POST for each of `annotations`.

docs/pipelines.md has the three lines of shell that send them. 1,000 annotations belong to a report, 100 to a request.
https://developer.atlassian.com/cloud/bitbucket/rest/api-group-reports/
"""

import json
from typing import Any, Final

from scangate.core.model import Report, Severity, Verdict
from scangate.reporters import Screen
from scangate.reporters.entries import Entry, entries, gaps
from scangate.reporters.listing import array
from scangate.reporters.outline import inert, line, outline, ran

MOST: Final = 1_000
REQUEST: Final = 100
SUMMARY: Final = 450
DETAILS: Final = 2_000
_SEVERITIES: Final = {
    Severity.CRITICAL: "CRITICAL",
    Severity.HIGH: "HIGH",
    Severity.MEDIUM: "MEDIUM",
    Severity.LOW: "LOW",
    Severity.INFO: "LOW",
    Severity.UNKNOWN: "MEDIUM",
}
_RESULTS: Final = {"error": "FAILED", "warning": "PASSED", "note": "IGNORED"}
"""What the policy makes of it."""


class Bitbucket:
    """The verdict with its counts, and open findings and gaps."""

    name = "bitbucket"
    summary = "Bitbucket Cloud Code Insights: a report, and annotations by the hundred, as bodies of requests"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        annotations = list(map(_annotation, entries(report, MOST)))
        requests = [annotations[start : start + REQUEST] for start in range(0, len(annotations), REQUEST)]
        body = json.dumps(_report(report), indent=1, allow_nan=False)
        listed = ",\n".join(map(array, requests))
        return f'{{"report": {inert(body)},\n"annotations": [{listed}]}}\n'


def _report(report: Report) -> dict[str, Any]:
    told = outline(report)
    counts = {
        "Blocking": len(told.blocking),
        "Warnings": len(told.warned),
        "Accepted": len(told.accepted),
        "Waived": len(told.waived),
        "Fixed": len(told.fixed),
        "Not covered": len(gaps(report)),
    }
    why = "; ".join((*(line(each.text, 300) for each in report.reasons), ran(report)))
    return {
        "title": f"scangate: {report.verdict}",
        "details": line(why, DETAILS),
        "report_type": "SECURITY",
        "reporter": "scangate",
        # There is no third result for a scan that saw too little: what is not a pass, failed.
        "result": "PASSED" if report.verdict is Verdict.PASS else "FAILED",
        "data": [
            {"title": "Verdict", "type": "TEXT", "value": str(report.verdict)},
            *({"title": name, "type": "NUMBER", "value": number} for name, number in counts.items()),
        ],
    }


def _annotation(entry: Entry) -> dict[str, Any]:
    """Without a file where there is none: Bitbucket can show that."""
    place = {"path": entry.place.path, "line": entry.place.line} if entry.place.real else {}
    written = {
        "external_id": f"scangate-{entry.fingerprint}",
        "title": f"scangate: {entry.rule}",
        "annotation_type": "VULNERABILITY",
        "summary": line(entry.text, SUMMARY),
        "details": entry.text if len(entry.text) > SUMMARY else "",
        "severity": _SEVERITIES[entry.severity],
        "result": _RESULTS[entry.level],
        "link": entry.link,
        **place,
    }
    return {name: value for name, value in written.items() if value}
