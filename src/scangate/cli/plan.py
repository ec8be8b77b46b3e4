"""`scangate plan`."""

import os
from pathlib import Path

import click

from scangate import config, pipeline, plugins
from scangate.cli import tables
from scangate.core.model import Run
from scangate.scanners.tools import check


@click.command("plan")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("-c", "--config", "config_file", metavar="FILE", help="The config; scangate.yml here by default.")
def command(*, targets: tuple[str, ...], config_file: str | None) -> None:
    """Show which scanner would read which target, and why the others would not. Nothing is scanned."""
    scanners = plugins.scanners()
    flags = config.Flags(config=config_file, words=targets)
    settings = config.load(flags, scanners, cwd=Path.cwd(), environ=os.environ)
    problems = {
        name: "; ".join(each.problem for each in check(scanner, settings.home) if each.problem)
        for name, scanner in scanners.items()
    }
    rows = []
    for step in pipeline.plan(settings, scanners):
        if isinstance(step, Run):
            rows.append((step.target, step.scanner, "no", step.reason))
        elif problem := problems[step.scanner]:
            rows.append((step.target.id, step.scanner, "cannot", f"{problem}; run `scangate doctor`"))
        else:
            rows.append((step.target.id, step.scanner, "yes", f"{step.target.address}, within {step.timeout:g} s"))
    tables.show(("target", "scanner", "scans", "what, or why not"), rows)
