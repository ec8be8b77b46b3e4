"""The file to read: plan -> scan -> normalise -> enrich -> compare -> judge, each a function here.

`gate` is the whole product. Scanners, enrichers and the executor come from outside.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from scangate import process
from scangate.config import Config
from scangate.core.changes import cheapest
from scangate.core.compare import Comparison, compare, recorded
from scangate.core.identity import fingerprint, normalise
from scangate.core.model import Finding, Item, Report, Run, State, Status, Target
from scangate.core.policy import Policy, decide, waiver_notes
from scangate.core.runs import fold
from scangate.core.text import clean_all
from scangate.core.verdict import failures, gaps, tolerated, verdict
from scangate.enrichers import Enricher
from scangate.errors import Interrupted, ScanError
from scangate.plugins import attempt
from scangate.scanners import Context, Scanner
from scangate.scanners.tools import require

GRACE: Final = 1.5
"""Seconds that running scans have to end after an interrupt."""

Tell = Callable[[str, str, str], None]
"""Progress: scanner, target, one line of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One scan to be done: plain data, so that it can travel to a worker. `timeout` is in seconds."""

    scanner: str
    target: Target
    options: Mapping[str, Any]
    timeout: float
    root: Path
    home: Path


def gate(
    config: Config,
    policy: Policy,
    *,
    scanners: Mapping[str, Scanner],
    enrichers: Mapping[str, Enricher],
    executor: Executor,
    baseline: Report | None,
    started: datetime,
    tell: Tell,
) -> Report:
    """Scan everything, and judge it. An interrupt ends the scans and still gives a report, INCOMPLETE at best."""
    runs = scan(plan(config, scanners), scanners, executor, tell)
    findings, enriched = enrich(normalise(each for run in runs for each in run.findings), enrichers, config.home)
    report = Report(
        **judge(
            findings, (*runs, *enriched), config.targets, policy, compare(findings, runs, baseline), started.date()
        ),
        runs=(*runs, *enriched),
        targets=config.targets,
        policy=policy.ref,
        started=started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return replace(report, notes=(*config.notes, *report.notes))


def rejudge(report: Report, policy: Policy, baseline: Report | None = None) -> Report:
    """Judge a stored result as of the day it was made: the same policy gives the same verdict and explanation."""
    findings = tuple(each.finding for each in report.decisions if each.state is not State.FIXED)
    comparison = compare(findings, report.runs, baseline) if baseline else recorded(report)
    today = date.fromisoformat(report.started[:10])
    judged = judge(findings, report.runs, report.targets, policy, comparison, today)
    return replace(report, **judged, policy=policy.ref)


def plan(config: Config, scanners: Mapping[str, Scanner]) -> tuple[Job | Run, ...]:
    """Pair every target with every scanner: a job, or a skipped run that says why not. Results keep this order."""
    return tuple(
        _step(config, target, name, scanner) for target in config.targets for name, scanner in sorted(scanners.items())
    )


def scan(
    steps: Sequence[Job | Run], scanners: Mapping[str, Scanner], executor: Executor, tell: Tell
) -> tuple[Run, ...]:
    """Do the jobs of a plan, as many at a time as the executor likes."""
    futures = [_submit(step, scanners, executor, tell) for step in steps]
    # Were all to run one after another, this is how long it would take: nothing waits for a scanner that hangs.
    patience = sum(step.timeout + GRACE for step in steps if isinstance(step, Job))
    try:
        wait(futures, timeout=patience)
    except Interrupted:
        process.stop()
        wait(futures, timeout=GRACE)
    return tuple(_result(step, future) for step, future in zip(steps, futures, strict=True))


def execute(job: Job, scanner: Scanner, tell: Tell) -> Run:
    """Run one scanner on one target. Never raises: what went wrong is part of the Run; what was found before counts."""
    begun = time.monotonic()
    report = partial(tell, job.scanner, job.target.id)
    context = Context(
        root=job.root,
        home=job.home,
        deadline=begun + job.timeout,
        options=job.options,
        cancelled=process.stopping,
        tell=report,
    )
    items: list[Item] = []

    def work() -> None:
        context.check()
        require(scanner, job.home)
        report("started")
        items.extend(map(clean_all, scanner.scan(job.target, context)))  # what came before an exception stays

    status, reason, advice = attempt(work, job.scanner)
    run = fold(items, scanner=job.scanner, target=job.target.id, status=status, reason=reason, advice=advice)
    report(f"{run.status}: {run.reason}" if run.reason else f"{run.status}, {len(run.findings)} findings")
    return replace(run, seconds=round(time.monotonic() - begun, 3))


def enrich(
    findings: tuple[Finding, ...], enrichers: Mapping[str, Enricher], home: Path
) -> tuple[tuple[Finding, ...], tuple[Run, ...]]:
    """Let each enricher add what it knows. One that cannot answer, or loses a finding, leaves a failed run."""
    failed = []
    for name, enricher in sorted(enrichers.items()):
        answers: list[Finding] = []
        status, reason, advice = attempt(partial(_ask, enricher, findings, home, answers), name)
        if status is Status.OK:
            findings = tuple(answers)
        else:
            failed.append(Run(scanner=name, target="", status=status, reason=reason, advice=advice))
    return findings, tuple(failed)


def judge(
    findings: tuple[Finding, ...],
    runs: tuple[Run, ...],
    targets: tuple[Target, ...],
    policy: Policy,
    comparison: Comparison,
    today: date,
) -> dict[str, Any]:
    """Decide each finding, and answer: the fields of a Report that a policy determines."""
    decisions = decide(findings, policy, targets=targets, states=comparison.states, today=today)
    reasons = (*failures(decisions, policy), *gaps(runs, targets, policy, today))
    notes = [*waiver_notes(findings, policy, today), *tolerated(runs, policy, today)]
    if comparison.unchecked:
        notes.append(f"{comparison.unchecked} findings of the baseline were not seen by scans that were not complete")
    return {
        "verdict": verdict(reasons),
        "reasons": reasons,
        "decisions": (*decisions, *comparison.fixed),
        "changes": cheapest(decisions, policy),
        "notes": tuple(notes),
    }


def _step(config: Config, target: Target, name: str, scanner: Scanner) -> Job | Run:
    settings = config.settings_of(name)
    why_not = ""
    if target.kind not in scanner.kinds:
        why_not = f"reads {' and '.join(sorted(scanner.kinds))}, not {target.kind}"
    elif not settings.enabled:
        why_not = "switched off in the config"
    if why_not:
        return Run(scanner=name, target=target.id, status=Status.SKIPPED, reason=why_not)
    timeout = settings.timeout or scanner.timeout
    return Job(
        scanner=name, target=target, options=settings.options, timeout=timeout, root=config.root, home=config.home
    )


def _submit(step: Job | Run, scanners: Mapping[str, Scanner], executor: Executor, tell: Tell) -> Future[Run]:
    if isinstance(step, Job):
        return executor.submit(execute, step, scanners[step.scanner], tell)
    done: Future[Run] = Future()
    done.set_result(step)
    return done


def _result(step: Job | Run, future: Future[Run]) -> Run:
    if future.done():
        return future.result()
    future.cancel()
    cancelled = process.stopping()
    return Run(
        scanner=step.scanner,
        target=step.target.id if isinstance(step.target, Target) else step.target,
        status=Status.CANCELLED if cancelled else Status.TIMED_OUT,
        reason="interrupted before it was finished" if cancelled else "it did not end in the time allowed",
    )


def _ask(enricher: Enricher, findings: tuple[Finding, ...], home: Path, answers: list[Finding]) -> None:
    answers.extend(map(clean_all, enricher.enrich(findings, home)))
    if list(map(fingerprint, answers)) != list(map(fingerprint, findings)):
        raise ScanError("it lost, added or renamed findings", advice=f"this is a bug in {enricher.name}")
