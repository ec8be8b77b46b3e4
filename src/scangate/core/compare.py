"""New, unchanged or fixed: the findings of now against those of a baseline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scangate.core.identity import fingerprint
from scangate.core.model import Action, Decision, Finding, Report, Run, State, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`states` is by fingerprint. `fixed` are decisions about findings that are gone.

    `unchecked`: so many findings of the baseline were not seen, by scans that did not look at everything: gone or not,
    nobody knows.
    """

    states: Mapping[str, State]
    fixed: tuple[Decision, ...] = ()
    unchecked: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what cannot be told."""
        if not self.unchecked:
            return ()
        what = "finding of the baseline was" if self.unchecked == 1 else "findings of the baseline were"
        return (f"{self.unchecked} {what} not seen, by scans that did not look at everything",)


def compare(findings: Iterable[Finding], runs: Sequence[Run], baseline: Report | None) -> Comparison:
    """Compare by fingerprint. A finding is fixed only when each scanner that saw it looked again, at everything.

    A scan without the data it relies on looked at nothing, and of a finding that nobody saw nobody can say it is gone.
    """
    if baseline is None:
        return Comparison(states={})
    before = {each.fingerprint: each for each in baseline.decisions if each.state is not State.FIXED}
    now = {fingerprint(finding) for finding in findings}
    complete = {(run.scanner, run.target) for run in runs if _is_complete(run)}
    gone = [each for key, each in before.items() if key not in now]
    checked = [
        each for each in gone if {(tool, each.finding.target) for tool in each.finding.seen_by or ("",)} <= complete
    ]
    return Comparison(
        states={key: State.UNCHANGED if key in before else State.NEW for key in now},
        fixed=tuple(map(_fixed, checked)),
        unchecked=len(gone) - len(checked),
    )


def recorded(report: Report) -> Comparison:
    """The comparison that a stored report already holds, so that judging it again needs no baseline."""
    fixed = tuple(each for each in report.decisions if each.state is State.FIXED)
    states = {each.fingerprint: each.state for each in report.decisions if each.state is not State.FIXED}
    return Comparison(states=states, fixed=fixed)


def _is_complete(run: Run) -> bool:
    has_data = all(each.as_of is not None for each in run.data)
    return run.status is Status.OK and run.asked > 0 and not run.gaps and has_data


def _fixed(decision: Decision) -> Decision:
    return Decision(
        finding=decision.finding,
        fingerprint=decision.fingerprint,
        action=Action.ACCEPT,
        by="baseline",
        because="it was in the baseline, and the same scanners no longer see it",
        state=State.FIXED,
    )
