"""`scangate engines`."""

import time
from functools import partial

import click

from scangate import engines
from scangate.cli import tables
from scangate.home import home
from scangate.progress import Progress


@click.group("engines")
def command() -> None:
    """Install engines that live in an environment of their own.

    Nothing is ever installed during a scan: this is the only way they get there, pinned and with hashes.
    """


@command.command("install")
@click.argument("names", nargs=-1, required=True, metavar="ENGINE...")
@click.option(
    "--timeout", type=click.IntRange(1), default=1800, show_default=True, help="Seconds allowed for all of it."
)
def install(*, names: tuple[str, ...], timeout: int) -> None:
    """Install engines, or do nothing when they are there already."""
    deadline = time.monotonic() + timeout
    with Progress() as progress:
        for name in names:
            engines.install(name, home(), tell=partial(progress, name, ""), deadline=deadline)


@command.command("list")
def list_() -> None:
    """List the engines there are, and whether each is installed."""
    found = [engines.locate(name, home()) for name in engines.names()]
    tables.show(
        ("engine", "version", "state", "where"),
        [(each.name, each.version, str(each.state), str(each.path)) for each in found],
    )
