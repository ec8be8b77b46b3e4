"""The file to read: plan -> scan -> normalise -> enrich -> compare -> judge, each a function; `gate` is all of them."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from scangate import process
from scangate.config import Config
from scangate.core import waiver
from scangate.core.agreement import disputed
from scangate.core.changes import cheapest
from scangate.core.compare import Comparison, compare, recorded
from scangate.core.drift import drift
from scangate.core.identity import normalise
from scangate.core.intake import admit
from scangate.core.model import Finding, Item, Report, Run, Service, State, Status, Target
from scangate.core.policy import Policy, decide
from scangate.core.runs import fold, listening
from scangate.core.scope import Scope
from scangate.core.verdict import failures, gaps, tolerated, verdict
from scangate.enrichers import Enricher
from scangate.enrichers.asking import Answer, ask
from scangate.errors import UsageError
from scangate.plugins import attempt
from scangate.progress import Tell
from scangate.scanners import Context, Scanner, network, unfit
from scangate.scanners.tools import require
from scangate.workers import together, waves

PATIENCE: Final = 120.0
"""Seconds that an enricher has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One scan to be done: plain data, so that it can travel to a worker. `timeout` is in seconds."""

    scanner: str
    target: Target
    options: Mapping[str, Any]
    timeout: float
    root: Path
    home: Path
    scope: Scope = field(default_factory=Scope)
    services: tuple[Service, ...] = ()


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
    network.begin()
    runs = scan(plan(config, scanners), scanners, executor, tell)
    moved = drift(runs, config.targets, baseline)
    merged = normalise((*(each for run in runs for each in run.findings), *moved.findings))
    findings, enriched = enrich(disputed(merged, runs), enrichers, config.home)
    everything = (*runs, *enriched)
    comparison = compare(findings, runs, baseline)
    report = Report(
        **judge(findings, everything, config.targets, policy, comparison, started.date()),
        runs=everything,
        targets=config.targets,
        policy=policy.ref,
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return replace(report, notes=(*config.notes, *moved.notes, *report.notes))


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
    """Do the jobs of a plan, as many at a time as the executor likes, each after those whose services it builds on."""
    runs = {number: step for number, step in enumerate(steps) if isinstance(step, Run)}
    jobs = {number: step for number, step in enumerate(steps) if isinstance(step, Job)}
    for wave in waves({number: job.scanner for number, job in jobs.items()}, scanners):
        ready = [replace(jobs[number], services=listening(jobs[number].target.id, runs.values())) for number in wave]
        work = [partial(execute, job, scanners[job.scanner], tell) for job in ready]
        runs |= zip(wave, together(executor, ready, work), strict=True)
    return tuple(run for _number, run in sorted(runs.items()))


def execute(job: Job, scanner: Scanner, tell: Tell) -> Run:
    """Run one scanner on one target. Never raises: what went wrong is part of the Run; what was found before counts."""
    begun = time.monotonic()
    report = partial(tell, job.scanner, job.target.id)
    context = Context(
        root=job.root,
        home=job.home,
        deadline=begun + job.timeout,
        options=job.options,
        scope=job.scope,
        services=job.services,
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
    """Let one enricher after the other add what it knows. One that cannot answer, or loses a finding, changes none."""
    runs = []
    for name, enricher in sorted(enrichers.items()):
        answer = Answer(deadline=time.monotonic() + PATIENCE)
        status, reason, advice = attempt(partial(ask, enricher, findings, home, answer), name)
        runs.append(answer.run(name, status=status, reason=reason, advice=advice))
        if status is Status.OK:
            findings = tuple(answer.findings)
    return findings, tuple(runs)


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
    if reason := unfit(scanner, target, named=name in config.scanners):
        return Run(scanner=name, target=target.id, status=Status.NOT_APPLICABLE, reason=reason)
    settings = config.settings_of(name)
    if not settings.enabled:
        return Run(scanner=name, target=target.id, status=Status.SKIPPED, reason="switched off in the config")
    return Job(
        scanner=name,
        target=target,
        options=settings.options,
        timeout=settings.timeout or scanner.timeout,
        root=config.root,
        home=config.home,
        scope=config.scope,
    )
