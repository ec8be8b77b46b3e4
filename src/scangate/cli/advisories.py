"""`scangate advisories`."""

from functools import partial

import click

from scangate.advisories import Synced
from scangate.cli import tables
from scangate.errors import ExitCode

SHOWN = 5


@click.group("advisories")
def command() -> None:
    """Fetch advisory data, and show how old it is. A scan never does that by itself."""


@command.command("sync")
@click.option(
    "--from", "source", required=True, metavar="URL-or-DIR", help="An export in OSV's layout: a mirror, or a folder."
)
@click.option("-e", "--ecosystem", "ecosystems", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
def sync(*, source: str, ecosystems: tuple[str, ...]) -> int:
    """Replace what is stored of each ecosystem by what the source has of it now.

    Exits with 2 when an ecosystem could not be brought; its old records are then still there.
    """
    from scangate import advisories
    from scangate.home import home
    from scangate.progress import Progress

    with Progress() as progress:
        done = advisories.sync(source, home(), ecosystems or None, partial(progress, "advisories", ""))
    tables.show(("ecosystem", "records", "as of", "not usable"), map(_row, done))
    for each in done:
        for rejection in each.rejections[:SHOWN]:
            click.echo(f"scangate: {each.export}: not used: {rejection}", err=True)
        if each.rejected > SHOWN:
            click.echo(f"scangate: {each.export}: and {each.rejected - SHOWN} more were not used", err=True)
        if each.failure:
            click.echo(f"scangate: {each.failure}", err=True)
    return ExitCode.USAGE if any(each.failure for each in done) else ExitCode.PASS


@command.command("status")
def status() -> None:
    """Show what is stored: how many records of which ecosystem, from where, and of which day."""
    from scangate import advisories
    from scangate.home import home

    held = advisories.status(home())
    if not held:
        click.echo("Nothing is stored. Run: scangate advisories sync --from URL-or-DIR")
        return
    tables.show(
        ("ecosystem", "records", "as of", "synced at", "not usable", "from"),
        [
            (each.ecosystem, str(each.records), str(each.as_of), each.synced_at, str(each.rejected), each.source)
            for each in held
        ],
    )


def _row(each: Synced) -> tuple[str, ...]:
    if each.failure:
        return each.export, "failed", "", ""
    count = "unchanged" if each.unchanged else str(each.records)
    return each.export, count, str(each.as_of or ""), str(each.rejected or "")
