"""The page, from top to bottom."""

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.rule import Rule
from rich.text import Text

from scangate import __version__
from scangate.core.model import Decision, Report, Run, Status
from scangate.reporters.console.findings import findings
from scangate.reporters.console.layout import STYLES, bullets, heading, indented, stack, table, word
from scangate.reporters.outline import (
    Outline,
    count,
    covered,
    data,
    engines,
    headline,
    line,
    looked,
    outline,
    planned,
    policy,
    ran,
    severities,
    way_out,
)

_GAPS: Final = 5
"""Gaps of one run that are shown."""
_RUNS: Final = 100
_CHANGES: Final = 6
"""The changes that clear most; each of the others stands with its findings above."""


def page(report: Report, width: int) -> Iterator[RenderableType]:
    """Give the blocks in the order they are read: what was found, what was looked at, and last the answer."""
    told = outline(report)
    known = {each.id: headline(each) for each in report.targets}
    gone = {each.finding.target: "no longer a target" for each in report.decisions if each.finding.target not in known}
    for target, what in (*known.items(), *sorted(gone.items())):
        yield heading(line(target, 100), what)
        here = outline(report, target)
        yield from findings(here, width, compared=bool(report.baseline))
        if not any((here.blocking, here.warned, here.accepted, here.waived, here.fixed)):
            yield indented(_nothing(report, target), "dim")
    yield heading("Coverage")
    yield from _coverage(report)
    if told.waived:
        yield heading("Waived")
        yield bullets((_waived(each) for each in told.waived), len(told.waived))
    if report.notes:
        yield heading("Notes")
        yield bullets(((line(each), "") for each in report.notes), len(report.notes))
    yield from _verdict(report, told)


def _nothing(report: Report, target: str) -> str:
    """Nothing found is good news only where somebody looked."""
    scanners = [run.scanner for run in report.runs if run.target == target and looked(run)]
    return f"nothing found by {', '.join(scanners)}" if scanners else "not scanned: see below"


def _coverage(report: Report) -> Iterator[RenderableType]:
    if not report.runs:
        yield indented("nothing was scanned")
        return
    made = table(("target", "scanner", "status", "what was covered"))
    for run in planned(report)[:_RUNS]:
        made.add_row(
            Text(line(run.target, 60)), Text(line(run.scanner, 60)), word(run.status.value), _covered(run, report)
        )
    yield made
    if more := planned(report)[_RUNS:]:
        yield indented(f"{count(len(more), 'more scan')}, see result.json", "dim")


def _covered(run: Run, report: Report) -> Text:
    if run.status is Status.OK:
        parts = [("; ".join(filter(None, (covered(run), engines(run), data(run, report)))), "")]
    else:
        parts = [(line(run.reason, 500), ""), (line(run.advice, 500), "dim")]
    for gap in run.gaps[:_GAPS]:
        parts.append((f"not covered: {line(gap.what, 300)}: {line(gap.reason, 300)}", "yellow"))
    if run.gaps[_GAPS:]:
        parts.append((f"not covered: {len(run.gaps) - _GAPS:,} more, see result.json", "yellow"))
    return stack(parts)


def _waived(decision: Decision) -> tuple[str, str]:
    finding = decision.finding
    what = f"{finding.severity.name.lower()} {line(finding.rule, 100)} on {line(finding.target, 100)}"
    return f"{what}, {line(finding.subject, 300)}: {line(decision.because, 500)}", ""


def _verdict(report: Report, told: Outline) -> Iterator[RenderableType]:
    style = STYLES[report.verdict]
    found = f"{count(len(told.blocking), 'finding')} {'fails' if len(told.blocking) == 1 else 'fail'}"
    worst = f" ({severities(told.blocking)})" if told.blocking else ""
    yield Text()
    yield Rule(style=style)
    yield Text.assemble(
        (report.verdict, style),
        f"  {found}{worst}, {len(told.warned):,} warn; {ran(report)}",
    )
    reasons = (
        (f"{line(each.text)}{f' ({line(each.remedy)})' if each.remedy else ''}", STYLES[each.verdict].split()[-1])
        for each in report.reasons
    )
    yield bullets(reasons, len(report.reasons))
    if report.changes:
        yield heading(way_out(report), count(len(report.changes), "change"))
        changes = (
            f"{line(each.summary)} (clears {count(each.clears, 'finding')} on {line(', '.join(each.targets), 200)})"
            for each in report.changes
        )
        yield bullets(((each, "green") for each in changes), len(report.changes), _CHANGES)
    compared = f"compared with {line(report.baseline, 200)}" if report.baseline else ""
    words = (f"policy {policy(report)}", compared, f"scangate {__version__}", line(report.started, 40))
    yield Text("\n" + ", ".join(filter(None, words)), style="dim")
