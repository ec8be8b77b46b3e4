"""`scangate scan`."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from scangate import config, pipeline, plugins, process
from scangate.cli import outputs, stored
from scangate.config.policies import load_policy
from scangate.errors import ExitCode
from scangate.progress import Progress


@click.command("scan")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("-c", "--config", "config_file", metavar="FILE", help="The config; scangate.yml here by default.")
@click.option("-j", "--jobs", type=int, metavar="N", help="How many scans run at the same time.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
@outputs.verdict_options
def command(
    *,
    targets: tuple[str, ...],
    config_file: str | None,
    jobs: int | None,
    quiet: bool,
    policy: str | None,
    baseline: str | None,
    outputs_wanted: tuple[str, ...],
    exit_zero: bool,
) -> int:
    """Scan targets, judge them by a policy, and answer with a verdict.

    TARGETs replace those of the config file: path:DIR, image:oci-archive:FILE, hosts:ADDRESS:PORTS. Put NAME= before
    one to name it: findings are known by that name.
    """
    scanners = plugins.scanners()
    flags = config.Flags(config=config_file, policy=policy, jobs=jobs, words=targets)
    settings = config.load(flags, scanners, cwd=Path.cwd(), environ=os.environ)
    judged_by = load_policy(settings.policy, settings.policy_folder)
    wanted = outputs.parse(outputs_wanted)
    before, note = stored.read_baseline(baseline)
    executor = ThreadPoolExecutor(max_workers=settings.jobs, thread_name_prefix="scan")
    try:
        with Progress(quiet=quiet) as progress:
            report = pipeline.gate(
                settings,
                judged_by,
                scanners=scanners,
                enrichers=plugins.enrichers(),
                executor=executor,
                baseline=before,
                started=datetime.now(UTC),
                tell=progress,
            )
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
    notes = (*report.notes, note) if note else report.notes
    report = replace(report, notes=notes, plugins=plugins.distributions(), baseline=baseline or "")
    code = outputs.answer(report, wanted, exit_zero=exit_zero)
    if process.stopping():
        click.echo("scangate: interrupted; the reports hold what was finished", err=True)
        return ExitCode.INTERRUPTED
    return code
