"""The file to read: plan -> scan -> normalise -> enrich -> compare -> judge, each a function; `gate` is all of them."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from scangate import process
from scangate.config import Config
from scangate.core import waiver
from scangate.core.changes import cheapest
from scangate.core.compare import Comparison, compare, recorded
from scangate.core.identity import fingerprint, normalise
from scangate.core.intake import admit
from scangate.core.model import Finding, Item, Report, Run, State, Status, Target
from scangate.core.policy import Policy, decide
from scangate.core.runs import fold
from scangate.core.verdict import failures, gaps, tolerated, verdict
from scangate.enrichers import Enricher
from scangate.errors import CancelledError, Interrupted, ScanError, UsageError
from scangate.plugins import attempt
from scangate.progress import Tell
from scangate.scanners import Context, Scanner
from scangate.scanners.tools import require
from scangate.workers import await_all, settle, submit

GRACE: Final = 1.5
"""Seconds that running scans have to end after an interrupt."""
HANGS: Final = 5.0
"""Seconds past the time limit after which nothing waits for a scan any more."""


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
    started = started.astimezone(UTC)  # the day of the judgement is that of the report
    runs = scan(plan(config, scanners), scanners, executor, tell)
    findings, enriched = enrich(normalise(each for run in runs for each in run.findings), enrichers, config.home)
    everything = (*runs, *enriched)
    comparison = compare(findings, runs, baseline)
    report = Report(
        **judge(findings, everything, config.targets, policy, comparison, started.date()),
        runs=everything,
        targets=config.targets,
        policy=policy.ref,
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return replace(report, notes=(*config.notes, *report.notes))


def rejudge(report: Report, policy: Policy, baseline: Report | None = None) -> Report:
    """Judge a stored result as of the day it was made: the same policy gives the same verdict and explanation."""
    findings = tuple(each.finding for each in report.decisions if each.state is not State.FIXED)
    if strays := {each.target for each in findings} - {each.id for each in report.targets}:
        raise UsageError(f"the result has findings on {min(strays)}, which is not in it", advice="scan again")
    comparison = compare(findings, report.runs, baseline) if baseline else recorded(report)
    today = date.fromisoformat(report.started[:10])
    judged = judge(findings, report.runs, report.targets, policy, comparison, today)
    if policy.ref.digest == report.policy.digest and not baseline:
        return replace(report, **judged | {"notes": report.notes}, policy=policy.ref)
    before = (f"judged by {report.policy.name}: {note}" for note in report.notes if note not in judged["notes"])
    return replace(report, **judged | {"notes": (*judged["notes"], *before)}, policy=policy.ref)


def plan(config: Config, scanners: Mapping[str, Scanner]) -> tuple[Job | Run, ...]:
    """Pair every target with every scanner: a job, or a skipped run that says why not. Results keep this order."""
    return tuple(
        _step(config, target, name, scanner) for target in config.targets for name, scanner in sorted(scanners.items())
    )


def scan(
    steps: Sequence[Job | Run], scanners: Mapping[str, Scanner], executor: Executor, tell: Tell
) -> tuple[Run, ...]:
    """Do the jobs of a plan, as many at a time as the executor likes."""
    jobs = [step for step in steps if isinstance(step, Job)]
    futures: list[Future[Run]] = []
    try:
        futures.extend(submit(executor, execute, job, scanners[job.scanner], tell) for job in jobs)
        await_all({future: job.timeout + HANGS for future, job in zip(futures, jobs, strict=True)})
    except Interrupted:
        process.stop()
        wait(futures, timeout=GRACE)
    runs = (settle(future, job.scanner, job.target.id) for job, future in zip_longest(jobs, futures))
    return tuple(step if isinstance(step, Run) else next(runs) for step in steps)


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
        for item in scanner.scan(job.target, context):
            items.append(admit(item))  # at once: what came before an exception stays
            context.check()

    status, reason, advice = attempt(work, job.scanner)
    run = fold(items, scanner=job.scanner, target=job.target.id, status=status, reason=reason, advice=advice)
    found = f"{len(run.findings)} finding" + ("" if len(run.findings) == 1 else "s")
    report(f"{run.status}: {run.reason}" if run.reason else f"{run.status}, {found}", done=True)
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
    missing = gaps(runs, targets, policy, today)
    reasons = (*failures(decisions, policy), *missing)
    waivers = waiver.notes(
        policy.waivers, findings, today, targets=[each.id for each in targets], unseen={each.target for each in missing}
    )
    return {
        "verdict": verdict(reasons),
        "reasons": reasons,
        "decisions": (*decisions, *comparison.fixed),
        "changes": cheapest(decisions, policy),
        "notes": (*waivers, *tolerated(runs, policy, today), *comparison.notes),
    }


def _step(config: Config, target: Target, name: str, scanner: Scanner) -> Job | Run:
    settings = config.settings_of(name)
    if target.kind not in scanner.kinds:
        why_not = f"reads {' and '.join(sorted(scanner.kinds))}, not {target.kind}"
        return Run(scanner=name, target=target.id, status=Status.NOT_APPLICABLE, reason=why_not)
    if not settings.enabled:
        return Run(scanner=name, target=target.id, status=Status.SKIPPED, reason="switched off in the config")
    timeout = settings.timeout or scanner.timeout
    return Job(
        scanner=name, target=target, options=settings.options, timeout=timeout, root=config.root, home=config.home
    )


def _ask(enricher: Enricher, findings: tuple[Finding, ...], home: Path, answers: list[Finding]) -> None:
    if process.stopping():
        raise CancelledError("interrupted before it was started")
    answers.extend(map(admit, enricher.enrich(findings, home)))
    if list(map(fingerprint, answers)) != list(map(fingerprint, findings)):
        raise ScanError("it lost, added or renamed findings", advice=f"this is a bug in {enricher.name}")
