"""The answer, and why. A proven failure outranks a gap; a gap outranks a pass.

Laws (tests/core/test_verdict.py): a failed scan never turns into a pass; one more finding never improves the verdict.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from scangate.core.clauses import ANSWERED
from scangate.core.model import Action, Data, Decision, Reason, Run, Status, Target, Verdict
from scangate.core.policy import Policy

SHOWN_GAPS: Final = 5
"""How many of a run's gaps a reason names; all of them stay in the run."""


def verdict(reasons: Iterable[Reason]) -> Verdict:
    """Weigh the reasons against a pass."""
    kinds = {reason.verdict for reason in reasons}
    return next((each for each in (Verdict.FAIL, Verdict.INCOMPLETE) if each in kinds), Verdict.PASS)


def failures(decisions: Iterable[Decision], policy: Policy) -> tuple[Reason, ...]:
    """One reason for each rule that fails something, in the order of the policy."""
    failed: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.action is Action.FAIL:
            failed[decision.by].append(decision)
    reasons = []
    for rule in policy.rules:
        if found := failed.get(rule.name):
            where = ", ".join(sorted({each.finding.target for each in found}))
            allowed = f", {rule.allow} allowed" if rule.allow else ""
            why = f": {rule.why}" if rule.why else ""
            plural = "finding" if len(found) == 1 else "findings"
            reasons.append(
                Reason(
                    verdict=Verdict.FAIL,
                    text=f"rule {rule.name} fails {len(found)} {plural} on {where}{allowed}{why}",
                )
            )
    return tuple(reasons)


def gaps(runs: Sequence[Run], targets: Sequence[Target], policy: Policy, today: date) -> tuple[Reason, ...]:
    """One reason for everything that had to be looked at and was not."""
    if not targets:
        return (_gap("there is no target: nothing was scanned", "name what to scan: run `scangate init`"),)
    reasons: list[Reason] = []
    for run in runs:
        if run.attempted and run.scanner not in policy.optional and _counts(run, policy):
            reasons.extend(shortfalls(run, policy, today))
    reasons.extend(_unanswered(runs, policy))
    blamed = {reason.target for reason in reasons}
    for target in targets:
        readers = [run for run in runs if run.target == target.id and run.covered]
        if not readers and target.id not in blamed:
            why = "; ".join(f"{run.scanner}: {run.reason}" for run in runs if run.target == target.id and run.reason)
            reasons.append(
                _gap(
                    f"nothing read {target.id} ({why or 'no scanner was planned for it'})",
                    "run `scangate plan` to see which scanner reads what, and `scangate doctor` for what is missing",
                    target=target.id,
                )
            )
    return tuple(reasons)


def tolerated(runs: Iterable[Run], policy: Policy, today: date) -> tuple[str, ...]:
    """Gaps that the policy lets pass, in words: they are said, and do not count."""
    notes: list[str] = []
    for run in runs:
        if not run.attempted:
            continue
        why = f"the policy calls {run.scanner} optional" if run.scanner in policy.optional else ""
        if not _counts(run, policy):
            why = "no rule of the policy relies on it"
        if why:
            notes.extend(f"{each.text}; {why}" for each in shortfalls(run, policy, today))
        elif run.gaps and run.status is Status.OK and run.coverage >= policy.minimum_coverage:
            notes.append(f"{_uncovered(run)}; the policy accepts {_percent(policy.minimum_coverage)}")
    return tuple(notes)


def shortfalls(run: Run, policy: Policy, today: date) -> tuple[Reason, ...]:
    """What keeps one run from being evidence that its target was looked at."""
    who = {"scanner": run.scanner, "target": run.target}
    name = _name(run)
    if run.status is not Status.OK:
        ended = {Status.FAILED: "failed", Status.TIMED_OUT: "timed out", Status.CANCELLED: "was cancelled"}
        return (_gap(f"{name} {ended.get(run.status, str(run.status))}: {run.reason}", run.advice, **who),)
    if run.target and not run.asked:
        empty = f"{name} found no {run.unit or 'thing'} to look at"
        return (_gap(empty, "check the target's address, or switch the scanner off for it", **who),)
    found = [_stale(name, data, policy, today, **who) for data in run.data]
    reasons = [reason for reason in found if reason]
    if run.target and run.coverage < policy.minimum_coverage:
        reasons.append(_gap(_uncovered(run), "mend what is named, exclude it, or lower minimum_coverage", **who))
    return tuple(reasons)


def _counts(run: Run, policy: Policy) -> bool:
    """An enricher's run counts when some rule has a clause that relies on it, a scanner's always."""
    return bool(run.target or policy.uses(run.clauses))


def _unanswered(runs: Sequence[Run], policy: Policy) -> Iterator[Reason]:
    """A clause that nobody answers would silently match nothing."""
    answered = {clause for run in runs for clause in run.clauses}
    if any(run.findings for run in runs):
        for clause in policy.uses(ANSWERED - answered):
            text = f"nothing answered {clause}, which a rule of the policy asks for"
            yield _gap(text, "scan again, with the enricher that answers it installed")


def _stale(name: str, data: Data, policy: Policy, today: date, *, scanner: str, target: str) -> Reason | None:
    mend = "run `scangate advisories sync`"
    if data.as_of is None:
        return _gap(f"{name} has no data: {data.name} is missing", mend, scanner=scanner, target=target)
    limit, age = policy.max_data_age_days, (today - data.as_of).days
    if limit is None or age <= limit:
        return None
    text = f"{name} used {data.name} of {data.as_of}, {age} days old; the policy allows {limit}"
    return _gap(text, mend, scanner=scanner, target=target)


def _uncovered(run: Run) -> str:
    named = "; ".join(f"{gap.what}: {gap.reason}" for gap in run.gaps[:SHOWN_GAPS])
    more = f"; and {len(run.gaps) - SHOWN_GAPS} more" if len(run.gaps) > SHOWN_GAPS else ""
    share = f"{run.covered} of {run.asked} {run.unit} ({_percent(run.coverage)})"
    return f"{_name(run)} covered {share}: {named}{more}"


def _name(run: Run) -> str:
    return f"{run.scanner} on {run.target}" if run.target else run.scanner  # an enricher has no target


def _percent(share: float) -> str:
    # Rounded down: 99.96 % is not all of it.
    return f"{int(share * 1000) / 10:g} %"


def _gap(text: str, remedy: str, *, scanner: str = "", target: str = "") -> Reason:
    return Reason(verdict=Verdict.INCOMPLETE, text=text, remedy=remedy, scanner=scanner, target=target)
