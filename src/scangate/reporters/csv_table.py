"""A table for spreadsheets and for programs: every decision, and every gap, one to a line.

RFC 4180: all fields quoted, lines end in CR LF. No byte order mark: programs would take it for a part of the first
name, and spreadsheets ask for the encoding (UTF-8). A field that a spreadsheet would compute gets an apostrophe.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from scangate.core.model import Decision, Report, Target
from scangate.reporters import Screen
from scangate.reporters.entries import Entry, gaps, stranger
from scangate.reporters.markup import web_link
from scangate.reporters.outline import group, importance, line
from scangate.reporters.places import place_of

MOST: Final = 1_000_000
"""Lines; a spreadsheet takes 1,048,576."""
_CELL: Final = 2_000
COLUMNS: Final = (
    "kind",
    "group",
    "severity",
    "rule",
    "title",
    "target",
    "subject",
    "file",
    "line",
    "message",
    "fix",
    "decided by",
    "because",
    "state",
    "cvss",
    "epss",
    "known exploited",
    "confidence",
    "cwes",
    "aliases",
    "seen by",
    "link",
    "fingerprint",
)
_GROUPS: Final = ("blocking", "warned", "accepted", "waived", "fixed")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets obey these too


class Csv:
    """For those who sort and filter elsewhere. Waived and fixed findings are in it, and marked."""

    name = "csv"
    summary = "CSV (RFC 4180): every finding and every gap, safe to open in a spreadsheet"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        missing = gaps(report)
        rows = chain((_row(dict(zip(COLUMNS, COLUMNS, strict=True))),), _gaps(missing), _findings(report))
        total = len(missing) + len(report.decisions)
        written = [row for row, _number in zip(rows, range(MOST), strict=False)]
        if total >= MOST:
            more = f"Not in this table: {total - MOST + 1:,} more, see result.json"
            written.append(_row({"kind": "rest", "message": more}))
        return "".join(written)


def _gaps(missing: Iterable[Entry]) -> Iterator[str]:
    for each in missing:
        yield _row(
            {
                "kind": "gap",
                "group": "blocking" if each.level == "error" else "warned",
                "severity": each.severity.name.lower(),
                "rule": each.rule,
                "title": each.title,
                "target": each.target,
                "file": each.place.path if each.place.real else "",
                "line": str(each.place.line) if each.place.real else "",
                "message": each.text,
                "fix": each.fix,
                "fingerprint": each.fingerprint,
            }
        )


def _findings(report: Report) -> Iterator[str]:
    targets = {each.id: each for each in report.targets}
    for each in sorted(report.decisions, key=lambda each: (_GROUPS.index(group(each)), *importance(each))):
        target = targets.get(each.finding.target) or stranger(each.finding.target)
        yield _row(_finding(each, target, compared=bool(report.baseline)))


def _finding(decision: Decision, target: Target, *, compared: bool) -> dict[str, str]:
    finding = decision.finding
    place = place_of(finding, target)
    return {
        "kind": "finding",
        "group": group(decision),
        "severity": finding.severity.name.lower(),
        "rule": finding.rule,
        "title": finding.title,
        "target": finding.target,
        "subject": finding.subject,
        "file": place.path if place.real else "",
        "line": str(place.line) if place.real else "",
        "message": finding.message,
        "fix": decision.remedy or (finding.fix.summary if finding.fix else ""),
        "decided by": decision.by,
        "because": decision.because,
        "state": str(decision.state) if compared else "",
        "cvss": f"{finding.cvss.score:g}" if finding.cvss else "",
        "epss": f"{finding.epss:g}" if finding.epss is not None else "",
        "known exploited": {True: "yes", False: "no", None: ""}[finding.known_exploited],
        "confidence": finding.confidence.name.lower(),
        "cwes": " ".join(finding.cwes),
        "aliases": " ".join(finding.aliases),
        "seen by": " ".join(finding.seen_by),
        "link": web_link(finding.help_uri),
        "fingerprint": decision.fingerprint,
    }


def _row(cells: Mapping[str, str]) -> str:
    return ",".join(_cell(cells.get(name, "")) for name in COLUMNS) + "\r\n"


def _cell(text: str) -> str:
    """One line, quoted. What follows a quote is never the first thing in a cell, whatever splits them."""
    shown = line(text, _CELL)
    if shown.startswith(_FORMULA):
        shown = f"'{shown}"
    return '"' + shown.replace('"', '""') + '"'
