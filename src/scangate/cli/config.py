"""`scangate config`."""

import os
from pathlib import Path

import click

from scangate import config, plugins
from scangate.cli import tables
from scangate.config.policies import load_policy


@click.command("config")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("-c", "--config", "config_file", metavar="FILE", help="The config; scangate.yml here by default.")
@click.option("-p", "--policy", metavar="POLICY", help="A policy file, or builtin:NAME.")
@click.option("-j", "--jobs", type=int, metavar="N", help="How many scans run at the same time.")
def command(*, targets: tuple[str, ...], config_file: str | None, policy: str | None, jobs: int | None) -> None:
    """Show every setting in force, and where it came from. The config and the policy are checked whole."""
    flags = config.Flags(config=config_file, policy=policy, jobs=jobs, words=targets)
    settings = config.load(flags, plugins.scanners(), cwd=Path.cwd(), environ=os.environ)
    load_policy(settings.policy, settings.policy_folder)
    tables.show(("setting", "value", "from"), [(each.name, each.value, each.origin) for each in settings.settings])
