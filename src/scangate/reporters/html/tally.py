"""The findings counted: by severity and outcome, against the baseline, by target, by rule, by waiver.

Every one counts here, also those that the page has no room for.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Decision, Report, Severity, State
from scangate.reporters.html.charts import WORST_FIRST, Part, by_severity, parts
from scangate.reporters.html.entry import anchor
from scangate.reporters.html.fitting import Fitting, fit, short
from scangate.reporters.outline import group, headline, severities

OUTCOMES: Final = ("blocking", "warned", "accepted", "waived")
"""What can become of a finding that is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One severity: how many of each outcome, and of each state. `bar`: fixed left of the `axis`, the others right."""

    severity: Severity
    outcomes: tuple[int, ...]
    total: int
    fixed: int
    unchanged: int
    new: int
    axis: str
    bar: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One target. `index` is its number in the filters, or -1 where no finding of it is listed."""

    id: str
    what: str
    index: int
    bar: tuple[Part, ...]
    total: int
    blocking: int
    warned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule. `anchor` leads to its most important finding, when the page shows that."""

    id: str
    title: str
    worst: Severity
    total: int
    blocking: int
    targets: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What one waiver keeps from counting, and why."""

    by: str
    because: str
    total: int
    summary: str
    anchor: str


def rows(decisions: Iterable[Decision]) -> tuple[Row, ...]:
    """Count by severity; severities of which there is nothing are left out."""
    outcomes: Counter[tuple[Severity, str]] = Counter()
    states: Counter[tuple[Severity, State]] = Counter()
    for each in decisions:
        outcomes[each.finding.severity, group(each)] += 1
        states[each.finding.severity, each.state] += 1
    here = [each for each in WORST_FIRST if any(states[each, state] for state in State)]
    left = max((states[each, State.FIXED] for each in here), default=0)
    right = max((states[each, State.NEW] + states[each, State.UNCHANGED] for each in here), default=0)
    return tuple(_row(each, outcomes, states, left, left + right) for each in here)


def _row(
    severity: Severity,
    outcomes: Mapping[tuple[Severity, str], int],
    states: Mapping[tuple[Severity, State], int],
    left: int,
    whole: int,
) -> Row:
    counts = tuple(outcomes[severity, each] for each in OUTCOMES)
    fixed, unchanged, new = (states[severity, each] for each in (State.FIXED, State.UNCHANGED, State.NEW))
    bar = (
        ("room", "", left - fixed),
        ("fixed", "fixed", fixed),
        ("unchanged", "unchanged", unchanged),
        ("new", "new", new),
    )
    return Row(
        severity=severity,
        outcomes=counts,
        total=sum(counts),
        fixed=fixed,
        unchanged=unchanged,
        new=new,
        axis=f"{left * 100 / whole:.4g}",
        bar=tuple(each for each in parts(bar, whole) if each.kind != "room"),
    )


def by_target(report: Report, listed: Mapping[str, int]) -> Fitting[TargetRow]:
    """Every target, in the order of the config, then those of the baseline that are gone."""
    there: dict[str, Counter[Severity]] = defaultdict(Counter)
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for each in report.decisions:
        groups[each.finding.target][group(each)] += 1
        if each.state is not State.FIXED and not each.waived:
            there[each.finding.target][each.finding.severity] += 1
    known = {each.id: headline(each) for each in report.targets}
    gone = {name: "no longer a target" for name in sorted(groups) if name not in known}
    most = max((sum(each.values()) for each in there.values()), default=0)
    made = (
        TargetRow(
            id=short(name, 100),
            what=short(what, 500),
            index=listed.get(name, -1),
            bar=by_severity(there[name], most),
            total=sum(there[name].values()),
            blocking=groups[name]["blocking"],
            warned=groups[name]["warned"],
        )
        for name, what in (known | gone).items()
    )
    return fit(made, len(known | gone), most=200, size=300_000)


def by_rule(decisions: Iterable[Decision], anchors: Collection[str]) -> Fitting[RuleRow]:
    """The rules that are broken: first those that fail something, and of these the worst."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for each in decisions:
        if each.state is not State.FIXED and not each.waived:
            found[each.finding.rule].append(each)
    fails = {name: sum(group(each) == "blocking" for each in found[name]) for name in found}
    worst = {name: max(each.finding.severity for each in found[name]) for name in found}
    order = sorted(found, key=lambda name: (not fails[name], -worst[name], -fails[name], -len(found[name]), name))
    return fit((_rule(found[name], fails[name], anchors) for name in order), len(order), most=200, size=400_000)


def _rule(decisions: list[Decision], fails: int, anchors: Collection[str]) -> RuleRow:
    first = decisions[0]
    targets = sorted({each.finding.target for each in decisions})
    return RuleRow(
        id=short(first.finding.rule, 100),
        title=short(first.finding.title, 200),
        worst=max(each.finding.severity for each in decisions),
        total=len(decisions),
        blocking=fails,
        targets=short(", ".join(targets), 100),
        anchor=anchor(first) if anchor(first) in anchors else "",
    )


def waivers(waived: Iterable[Decision]) -> Fitting[Waiver]:
    """What was waived, by waiver."""
    found: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for each in waived:
        found[each.by, each.because].append(each)
    made = (
        Waiver(
            by=short(by, 200),
            because=short(because, 500),
            total=len(decisions),
            summary=severities(decisions),
            anchor=anchor(decisions[0]),
        )
        for (by, because), decisions in found.items()
    )
    return fit(made, len(found), most=300, size=300_000)
