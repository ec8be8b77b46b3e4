"""Markdown for step summaries and comments on merge requests: the verdict first, then why, then what would mend it.

No durations: two runs with the same result and the same declared time give the same text, and a comment stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from scangate import __version__
from scangate.core.model import Decision, Report, Run, State, Status, Verdict
from scangate.reporters import Screen
from scangate.reporters.markup import escape, web_link
from scangate.reporters.outline import (
    count,
    covered,
    data,
    engines,
    facts,
    outline,
    place,
    planned,
    policy,
    severities,
    way_out,
)

_SIGN: Final = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCOMPLETE: "⚠️"}
_SHARES: Final = {
    "reasons": 3_000,
    "changes": 3_000,
    "blocking": 25_000,
    "warned": 10_000,
    "coverage": 6_000,
    "gaps": 4_000,
    "waived": 4_000,
    "notes": 3_000,
}
"""Characters that each list may take, what does not fit is counted: a comment on GitHub may have 65,536 in all."""
_CELL: Final = 300


class Markdown:
    """What a reviewer reads without leaving the merge request."""

    name = "markdown"
    summary = "Markdown for step summaries and merge request comments, at most 65,536 characters"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        told = outline(report)
        blocks = (
            _verdict(report),
            _table("Blocking", told.blocking, _SHARES["blocking"], report),
            _folded(_table("Warnings", told.warned, _SHARES["warned"], report)),
            _coverage(report),
            _gaps(report.runs),
            _waived(told.waived),
            _rest(told.accepted, told.fixed),
            _list("### Notes", map(escape, report.notes), len(report.notes), "notes"),
            _footer(report),
        )
        return "\n\n".join(filter(None, blocks)) + "\n"


def _verdict(report: Report) -> str:
    reasons = (_sentence(each.text, each.remedy) for each in report.reasons)
    changes = (
        f"{escape(change.summary, _CELL)} (clears {count(change.clears, 'finding')} on {_names(change.targets)})"
        for change in report.changes
    )
    blocks = (
        f"## {_SIGN[report.verdict]} scangate: {report.verdict}",
        "\n".join(_bullets(reasons, len(report.reasons), "reasons")),
        _list(f"### {way_out(report)}", changes, len(report.changes), "changes"),
    )
    return "\n\n".join(filter(None, blocks))


def _table(title: str, decisions: Sequence[Decision], share: int, report: Report) -> str:
    if not decisions:
        return ""
    rows = (_row(each, compared=bool(report.baseline)) for each in decisions)
    table = (
        f"### {title}: {count(len(decisions), 'finding')} ({severities(decisions)})",
        "",
        "| Severity | Finding | Where | Decided by | Fix |",
        "| --- | --- | --- | --- | --- |",
        *_fitting(rows, share, len(decisions), "|  | {} not shown here: see result.json |  |  |  |"),
    )
    return "\n".join(table)


def _folded(table: str) -> str:
    head, _, rest = table.partition("\n")
    return f"<details>\n<summary>{head.removeprefix('### ')}</summary>\n{rest}\n\n</details>" if table else ""


def _row(decision: Decision, *, compared: bool) -> str:
    finding = decision.finding
    rule, link = escape(finding.rule, 100), web_link(finding.help_uri)
    new = ", new" if compared and decision.state is State.NEW else ""
    what = (
        f"**{escape(finding.title or finding.rule, _CELL)}**",
        ", ".join((f"[{rule}]({link})" if link else rule, *facts(finding))),
    )
    # Where the subject begins with the file, the place says it once more, and with the line.
    subject = finding.subject.removeprefix(f"{finding.location.path}#") if finding.location.path else finding.subject
    where = (f"{escape(finding.target, 60)}{new}", escape(subject, 200), escape(place(finding), 200))
    cells = (
        finding.severity.name.lower(),
        "<br>".join(what),
        "<br>".join(filter(None, where)),
        f"{escape(decision.by, 80)}: {escape(decision.because, _CELL)}",
        escape(decision.remedy or (finding.fix.summary if finding.fix else ""), _CELL) or "none known",
    )
    return f"| {' | '.join(cells)} |"


def _coverage(report: Report) -> str:
    scans = planned(report)
    if not scans:
        return "### Coverage\n\nNothing was scanned."
    rows = (
        f"| {escape(run.target, 60)} | {escape(run.scanner, 60)} | {_ended(run)} | {escape(covered(run))} "
        f"| {escape(engines(run), 100)} | {escape(data(run, report), _CELL)} |"
        for run in scans
    )
    table = (
        "### Coverage",
        "",
        "| Target | Scanner | Status | Covered | Engine | Data |",
        "| --- | --- | --- | --- | --- | --- |",
        *_fitting(rows, _SHARES["coverage"], len(scans), "|  | {} not shown here |  |  |  |  |"),
    )
    return "\n".join(table)


def _ended(run: Run) -> str:
    return "ok" if run.status is Status.OK else f"**{run.status}**: {_sentence(run.reason, run.advice)}"


def _gaps(runs: Sequence[Run]) -> str:
    rows = (
        f"{escape(run.scanner, 60)} on {escape(run.target, 60)}: {escape(gap.what, _CELL)}: {escape(gap.reason, _CELL)}"
        for run in runs
        for gap in run.gaps
    )
    total = sum(len(run.gaps) for run in runs)
    return _list(f"### Not covered: {total:,}", rows, total, "gaps")


def _waived(decisions: Sequence[Decision]) -> str:
    rows = (
        f"{each.finding.severity.name.lower()} {escape(each.finding.rule, 100)} on {escape(each.finding.target, 60)}, "
        f"{escape(each.finding.subject, 200)}: {escape(each.because, _CELL)}"
        for each in decisions
    )
    return _list(f"### Waived: {count(len(decisions), 'finding')}", rows, len(decisions), "waived")


def _rest(accepted: Sequence[Decision], fixed: Sequence[Decision]) -> str:
    parts = (
        f"{count(len(accepted), 'finding')} accepted by the policy ({severities(accepted)})" if accepted else "",
        f"{count(len(fixed), 'finding')} of the baseline fixed ({severities(fixed)})" if fixed else "",
    )
    return f"Besides: {'; '.join(filter(None, parts))}." if any(parts) else ""


def _footer(report: Report) -> str:
    compared = f", compared with {escape(report.baseline, 200)}" if report.baseline else ""
    return f"Policy {escape(policy(report))}{compared}. scangate {__version__}, {escape(report.started, 40)}."


def _list(head: str, rows: Iterable[str], total: int, share: str) -> str:
    return "\n".join((head, "", *_bullets(rows, total, share))) if total else ""


def _bullets(rows: Iterable[str], total: int, share: str) -> Iterator[str]:
    return _fitting((f"- {row}" for row in rows), _SHARES[share], total, "- {} not shown here: see result.json")


def _fitting(rows: Iterable[str], share: int, total: int, rest: str) -> Iterator[str]:
    """The rows that fit into so many characters, and how many do not."""
    for shown, row in enumerate(rows):
        share -= len(row) + 1
        if share < 0:
            yield rest.format(f"{total - shown:,} more")
            return
        yield row


def _names(targets: Iterable[str]) -> str:
    return escape(", ".join(targets), 200)


def _sentence(text: str, remedy: str) -> str:
    return f"{escape(text)} ({escape(remedy)})" if remedy else escape(text)
