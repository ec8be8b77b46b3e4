"""The page model: every word and number that the templates set, in the order of the page."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from scangate import __version__
from scangate.core.model import Change, Reason, Report, Severity, State, Verdict
from scangate.reporters.html.charts import WORST_FIRST, Part, by_severity, steps
from scangate.reporters.html.coverage import Coverage, coverage
from scangate.reporters.html.exposure import Exposure, exposure
from scangate.reporters.html.fitting import Fitting, fit, short
from scangate.reporters.html.sections import Section, sections
from scangate.reporters.html.tally import Row, RuleRow, TargetRow, Waiver, by_rule, by_target, rows, waivers
from scangate.reporters.outline import Outline, count, outline, policy, ran, severities, way_out

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?(?:Z|\+00:00)", re.ASCII)
_OPTIONS: Final = 300
"""Entries of a list to choose from; what is not on it can still be searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole page. `targets` and `scanners`: what the filters offer, by the numbers in the entries' keys."""

    verdict: Verdict
    title: str
    sentence: str
    started: str
    policy: str
    baseline: str
    version: str
    plugins: str
    reasons: Fitting[Reason]
    way_out: str
    changes: Fitting[Change]
    left: str
    steps: str
    rows: tuple[Row, ...]
    ring: tuple[Part, ...]
    open: int
    new: int
    fixed: int
    by_target: Fitting[TargetRow]
    by_rule: Fitting[RuleRow]
    exposure: Exposure | None
    sections: tuple[Section, ...]
    targets: tuple[tuple[str, str], ...]
    scanners: tuple[tuple[str, str], ...]
    severities: tuple[Severity, ...]
    coverage: Coverage
    waivers: Fitting[Waiver]
    notes: Fitting[str]

    @property
    def listed(self) -> int:
        return sum(len(each.entries.shown) for each in self.sections)

    @property
    def total(self) -> int:
        return sum(each.entries.total for each in self.sections)


def page(report: Report) -> Page:
    """Work the page out."""
    told = outline(report)
    targets = _numbered(chain((each.id for each in report.targets), (each.finding.target for each in report.decisions)))
    scanners = _numbered(sorted({name for each in report.decisions for name in each.finding.seen_by}))
    listed = tuple(sections(told, targets, scanners, compared=bool(report.baseline)))
    entries = [each for section in listed for each in section.entries.shown]
    used = {each.keys.split()[3] for each in entries}
    present = (*told.blocking, *told.warned, *told.accepted)
    states = Counter(each.state for each in report.decisions)
    clears = [each.clears for each in report.changes]
    return Page(
        verdict=report.verdict,
        title=f"{report.verdict}: scangate report of {short(report.started, 40)[:10]}",
        sentence=_sentence(told, report),
        started=_moment(report.started),
        policy=policy(report),
        baseline=short(report.baseline, 200),
        version=__version__,
        plugins=short(", ".join(f"{name} {version}" for name, version in report.plugins), 2_000),
        reasons=fit(map(_reason, report.reasons), len(report.reasons), most=100, size=300_000),
        way_out=way_out(report),
        changes=fit(map(_change, report.changes), len(report.changes), most=300, size=300_000),
        left=_left(len(told.blocking), sum(clears), len(clears)),
        steps=steps(len(told.blocking), clears),
        rows=rows(report.decisions),
        ring=by_severity(Counter(each.finding.severity for each in present)),
        open=len(present),
        new=states[State.NEW],
        fixed=states[State.FIXED],
        by_target=by_target(report, {name: number for name, number in targets.items() if str(number) in used}),
        by_rule=by_rule(present, {each.id for each in entries}),
        exposure=exposure(report),
        sections=listed,
        targets=tuple((str(number), short(name, 60)) for name, number in targets.items() if str(number) in used)[
            :_OPTIONS
        ],
        scanners=tuple((str(number), short(name, 60)) for name, number in scanners.items())[:_OPTIONS],
        severities=tuple(each for each in WORST_FIRST if any(one.severity is each for one in entries)),
        coverage=coverage(report),
        waivers=waivers(told.waived),
        notes=fit((short(each, 500) for each in report.notes), len(report.notes), most=200, size=100_000),
    )


def _moment(started: str) -> str:
    """`2026-11-21 20:15 UTC`; what is no such time is shown as it is."""
    match = _TIME.fullmatch(started)
    return f"{match[1]} {match[2]} UTC" if match else short(started, 40)


def _numbered(names: Iterable[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _sentence(told: Outline, report: Report) -> str:
    """`9 findings fail (1 critical, 8 high), 7 warn; 4 of 5 scans ran, 2 things were not covered`."""
    fails = f"{count(len(told.blocking), 'finding')} {'fails' if len(told.blocking) == 1 else 'fail'}"
    worst = f" ({severities(told.blocking)})" if told.blocking else ""
    gaps = sum(len(run.gaps) for run in report.runs)
    missed = f", {count(gaps, 'thing')} {'was' if gaps == 1 else 'were'} not covered" if gaps else ""
    return f"{fails}{worst}, {len(told.warned):,} warn; {ran(report)}{missed}."


def _left(failing: int, cleared: int, changes: int) -> str:
    """Say in words what the drawing of the changes shows."""
    if not failing or not changes:
        return ""
    left = max(0, failing - cleared)
    now = f"{count(failing, 'finding')} {'fails' if failing == 1 else 'fail'} now"
    return f"{now}, {left:,} after {count(changes, 'change')}"


def _reason(reason: Reason) -> Reason:
    return replace(reason, text=short(reason.text, 1_000), remedy=short(reason.remedy, 500), scanner="", target="")


def _change(change: Change) -> Change:
    names = short(", ".join(change.targets), 200)
    return replace(change, summary=short(change.summary, 300) or "mend what has no known fix", targets=(names,))
