"""The findings of one target, by piece of work: what to do, by which rule, and what it clears."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from scangate.core.model import Action, Decision, Finding, State
from scangate.reporters.console.layout import indented, word
from scangate.reporters.outline import Outline, facts, line, severities

FAILING: Final = 40
WARNED: Final = 10
PLACES: Final = 2
RULE: Final = 32
"""Columns of a rule id that may have a column of its own."""
NARROW: Final = 80


def findings(told: Outline, width: int, *, compared: bool) -> Iterator[RenderableType]:
    """Give the work, and the line that counts the rest. `compared`: there is a baseline, so say what is new."""
    shown = (*told.blocking[:FAILING], *told.warned[:WARNED])
    longest = max((len(line(each.finding.rule, 100)) for each in shown), default=0)
    columns = longest if width > NARROW and longest <= RULE else 0
    for work in _by_work(shown):
        yield _work(work)
        yield _cleared(work, columns, compared=compared)
    hidden = {"more that fail": told.blocking[FAILING:], "more that warn": told.warned[WARNED:]}
    others = {"accepted": told.accepted, "waived": told.waived, "fixed": told.fixed}
    counts = [f"{len(each):,} {name} ({severities(each)})" for name, each in (hidden | others).items() if each]
    if any(hidden.values()):
        counts.append("all of them: -o result=FILE")
    if counts:
        yield indented("; ".join(counts), "dim")


def _by_work(decisions: Iterable[Decision]) -> Iterator[Sequence[Decision]]:
    """Group by action and remedy; the work with the most important finding comes first."""
    groups: dict[tuple[Action, str], list[Decision]] = defaultdict(list)
    for decision in decisions:
        groups[decision.action, _remedy(decision)].append(decision)
    return iter(groups.values())


def _work(group: Sequence[Decision]) -> Table:
    """`FAIL  upgrade django to 4.2.26, by critical`."""
    label = "FAIL" if group[0].action is Action.FAIL else "warn"
    remedy = line(_remedy(group[0])) or "no fix is known"
    rules = ", ".join(dict.fromkeys(line(each.by, 100) for each in group))
    where = ", ".join(_places(group, remedy))
    made = _grid(4)
    made.add_row(word(label), Text.assemble((remedy, "bold"), (f"{where and f', {where}'}  by {rules}", "dim")))
    return made


def _remedy(decision: Decision) -> str:
    return decision.remedy or (decision.finding.fix.summary if decision.finding.fix else "")


def _cleared(group: Sequence[Decision], columns: int, *, compared: bool) -> Table:
    """One line for each finding; `columns` for the rule id, or 0 to put it before the title."""
    made = _grid(4, 8, columns) if columns else _grid(4, 8)
    for decision in group:
        finding = decision.finding
        rule = line(finding.rule, 100)
        new = ("new",) if compared and decision.state is State.NEW else ()
        extra = ", ".join((*new, *facts(finding)))
        title = Text.assemble(line(finding.title), (f"  {extra}" if extra else "", "dim"))
        what = (Text(rule), title) if columns else (Text.assemble(rule, "  ", title),)
        made.add_row("", word(finding.severity.name.lower()), *what)
    return made


def _places(group: Sequence[Decision], remedy: str) -> Iterator[str]:
    """Where it is, unless the remedy says so already."""
    places = list(dict.fromkeys(filter(None, (_place(each.finding, remedy) for each in group))))
    yield from places[:PLACES]
    if len(places) > PLACES:
        yield f"and {len(places) - PLACES} more places"


def _place(finding: Finding, remedy: str) -> str:
    path, number, subject = line(finding.location.path), finding.location.line, line(finding.subject, 300)
    if path in remedy and path:
        return f"line {number}" if number else ""
    if path:
        return f"{path}:{number}" if number else path
    # `pkg:npm/lodash` is lodash; of `10.0.0.5:6379/tcp` a remedy names the host and the port.
    names = [subject.rpartition("/")[2]] if subject.startswith("pkg:") else filter(None, subject.rpartition(":")[::2])
    return "" if all(name in remedy for name in names) else subject


def _grid(*widths: int) -> Table:
    """Columns of fixed widths, and a last one that wraps: no important word is cut."""
    made = Table.grid(padding=(0, 1, 0, 0), expand=True)
    for columns in widths:
        made.add_column(width=columns, no_wrap=True)
    made.add_column(overflow="fold", ratio=1)
    return made
