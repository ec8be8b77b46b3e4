"""The findings of one target: what fails in full, what warns in short, the rest counted."""

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.table import Table

from scangate.core.model import Decision, State
from scangate.reporters.console.layout import Part, indented, stack, table, word
from scangate.reporters.outline import Outline, facts, line, place, severities

BESIDE: Final = 100
"""From this width on, what decided and the fix stand beside the finding, not under it."""
FAILING: Final = 30
WARNED: Final = 10


def findings(told: Outline, width: int, *, compared: bool) -> Iterator[RenderableType]:
    """Give the table, and the line that counts the rest. `compared`: there is a baseline, so say what is new."""
    beside = width >= BESIDE
    made = table(("", "severity", "finding", *(["decided by, and fix"] if beside else [])))
    for decision in told.blocking[:FAILING]:
        _add(made, decision, "FAIL", *_full(decision, compared=compared), beside=beside)
    for decision in told.warned[:WARNED]:
        _add(made, decision, "warn", *_short(decision), beside=beside)
    if made.row_count:
        yield made
    hidden = {"more that fail": told.blocking[FAILING:], "more that warn": told.warned[WARNED:]}
    others = {"accepted": told.accepted, "waived": told.waived, "fixed": told.fixed}
    counts = [f"{len(each):,} {name} ({severities(each)})" for name, each in (hidden | others).items() if each]
    if any(hidden.values()):
        counts.append("see result.json for all of them")
    if counts or not made.row_count:
        yield indented("; ".join(counts) or "nothing found", "dim")


def _add(made: Table, decision: Decision, label: str, left: list[Part], right: list[Part], *, beside: bool) -> None:
    cells = [stack(left), stack(right)] if beside else [stack(left + right)]
    made.add_row(word(label), word(decision.finding.severity.name.lower()), *cells)


def _full(decision: Decision, *, compared: bool) -> tuple[list[Part], list[Part]]:
    finding = decision.finding
    new = ("new",) if compared and decision.state is State.NEW else ()
    left = [
        (line(finding.title), "bold"),
        (", ".join((line(finding.rule, 100), *new, *facts(finding))), ""),
        (", ".join(filter(None, (line(finding.subject, 300), place(finding)))), ""),
    ]
    fix = _fix(decision)
    return left, [
        (f"by {line(decision.by, 100)}: {line(decision.because)}", "dim"),
        (f"fix: {fix}" if fix else "no fix is known", "green" if fix else "dim"),
    ]


def _short(decision: Decision) -> tuple[list[Part], list[Part]]:
    finding = decision.finding
    where = ", ".join(filter(None, (line(finding.rule, 100), line(finding.subject, 300), place(finding))))
    fix = _fix(decision)
    return [(line(finding.title), ""), (where, "dim")], [
        (f"by {line(decision.by, 100)}{f'; fix: {fix}' if fix else ''}", "dim"),
    ]


def _fix(decision: Decision) -> str:
    return line(decision.remedy or (decision.finding.fix.summary if decision.finding.fix else ""))
