"""What was looked at, with what, and how old that was; and as openly, what was not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Report, Run, Status
from scangate.reporters.html.fitting import Fitting, fit, short
from scangate.reporters.outline import count, covered, data, engines, planned

_NOTES: Final = 5
"""Notes of one scan that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One run. `share` is the covered part in hundredths, and empty where nothing was to be done."""

    target: str
    scanner: str
    status: str
    good: bool
    attempted: bool
    share: str
    covered: str
    trouble: tuple[str, ...]
    gaps: int
    engines: tuple[str, ...]
    data: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """One gap, of one run."""

    where: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """`idle` counts the scanners that read another kind of target."""

    scans: Fitting[Scan]
    gaps: Fitting[Missed]
    idle: int

    @property
    def bars(self) -> tuple[Scan, ...]:
        """What the overview draws: the scans that were to be done."""
        return tuple(each for each in self.scans.shown if each.attempted)


def coverage(report: Report) -> Coverage:
    """Tell every run of a report. What went wrong comes first, then the order of the config."""
    runs = sorted(planned(report), key=lambda run: (run.status in {Status.OK, Status.SKIPPED}, not run.attempted))
    total = sum(len(run.gaps) for run in report.runs)
    return Coverage(
        scans=fit((_scan(run, report) for run in runs), len(runs), most=500, size=1_000_000),
        gaps=fit(_missed(report), total, most=1_000, size=600_000),
        idle=len(report.runs) - len(runs),
    )


def _scan(run: Run, report: Report) -> Scan:
    notes = tuple(short(each, 300) for each in run.notes[:_NOTES])
    more = len(run.notes) - _NOTES
    return Scan(
        target=short(run.target, 100) or "all findings",
        scanner=short(run.scanner, 60),
        status="ok" if run.status is Status.OK else run.status.value,
        good=run.status is Status.OK,
        attempted=run.attempted,
        share=f"{run.coverage * 100:.4g}" if run.attempted else "",
        covered=covered(run),
        trouble=tuple(filter(None, (short(run.reason, 500), short(run.advice, 500)))),
        gaps=len(run.gaps),
        engines=tuple(filter(None, (short(engines(run), 200), *_digests(run)))),
        data=short(data(run, report), 500),
        notes=(*notes, *((f"{count(more, 'more note')}, see result.json",) if more > 0 else ())),
    )


def _digests(run: Run) -> Iterator[str]:
    for each in run.tools[:3]:
        if each.digest:
            yield f"sha256 {short(each.digest.removeprefix('sha256:'), 80)[:12]}"


def _missed(report: Report) -> Iterator[Missed]:
    for run in report.runs:
        for gap in run.gaps:
            where = " on ".join(filter(None, (short(run.scanner, 60), short(run.target, 60))))
            yield Missed(where=where, what=short(gap.what, 300), reason=short(gap.reason, 300))
