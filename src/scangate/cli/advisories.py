"""`scangate advisories`."""

from functools import partial
from pathlib import Path

import click

from scangate.advisories.bringing import Synced
from scangate.cli import tables
from scangate.errors import ExitCode, UsageError

SHOWN = 5


@click.group("advisories")
def command() -> None:
    """Fetch advisory data, and show how old it is. A scan never does that by itself."""


@command.command("sync")
@click.option(
    "--from",
    "source",
    metavar="URL-DIR-or-FILE",
    help="A mirror, folder or bundle; OSV's public export by default.",
)
@click.option("-e", "--ecosystem", "ecosystems", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--kev", metavar="URL-or-FILE", help="CISA's list of known exploited vulnerabilities (JSON) from here.")
@click.option("--epss", metavar="URL-or-FILE", help="The EPSS scores (CSV, also gzipped) from here.")
@click.option("--no-kev", is_flag=True, help="Leave the list of known exploited vulnerabilities as it is.")
@click.option("--no-epss", is_flag=True, help="Leave the EPSS scores as they are.")
@click.option("--sha256", default="", metavar="DIGEST", help="What a bundle must have, as whoever made it told you.")
def sync(
    *,
    source: str | None,
    ecosystems: tuple[str, ...],
    kev: str | None,
    epss: str | None,
    no_kev: bool,
    no_epss: bool,
    sha256: str,
) -> int:
    """Bring what is stored of each ecosystem, KEV and EPSS to what their source has of it now.

    Without --from, OSV's public export is asked (or the mirror in SCANGATE_OSV_MIRROR) for the ecosystems named by -e,
    else for those stored already; only what changed is fetched where that is less. Exits with 2 when something could
    not be brought; its old records are then still there.
    """
    from scangate.advisories import sync as syncing
    from scangate.home import home
    from scangate.progress import Progress

    for given, off, name in ((kev, no_kev, "kev"), (epss, no_epss, "epss")):
        if given is not None and off:
            raise UsageError(f"--{name} and --no-{name} contradict each other", advice="leave one of them out")
    about_cves = {"KEV": None if no_kev else kev or "", "EPSS": None if no_epss else epss or ""}
    with Progress() as progress:
        done = syncing.sync(
            source,
            home(),
            ecosystems or None,
            partial(progress, "advisories", ""),
            about_cves=about_cves,
            sha256=sha256,
        )
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
    from scangate.advisories import sync as syncing
    from scangate.home import home

    place = home()
    rows = [
        (each.ecosystem, str(each.records), str(each.as_of), each.synced_at, str(each.rejected), each.source)
        for each in syncing.status(place)
    ] + [
        (each.name, str(each.records), str(each.as_of), each.synced_at, str(each.rejected), each.source)
        for each in syncing.feeds_held(place)
    ]
    if not rows:
        click.echo("Nothing is stored. Run: scangate advisories sync -e ECOSYSTEM, for example -e Debian:12 -e PyPI")
        return
    tables.show(("ecosystem", "records", "as of", "synced at", "not usable", "from"), rows)


@command.command("bundle")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to: FILE.tar.zst or FILE.zip.")
@click.option("-e", "--ecosystem", "ecosystems", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
def bundle(*, output: str, ecosystems: tuple[str, ...]) -> None:
    """Write what is stored into one file, for where there is no network: `sync --from FILE` reads it there.

    Its sha256 is shown: hand that over another way, for `sync --sha256`.
    """
    from scangate.advisories import bundles
    from scangate.home import home

    parts, digest = bundles.bundle(home(), Path(output), ecosystems)
    tables.show(("what", "as of", "bytes"), [(each.holds, each.as_of, f"{each.size:,}") for each in parts])
    click.echo(f"{output}\nsha256 {digest}")


def _row(each: Synced) -> tuple[str, ...]:
    if each.failure:
        return each.export, "failed", "", ""
    changed = "" if each.changed is None else f" ({each.changed} fetched)"
    count = "unchanged" if each.unchanged else f"{each.records}{changed}"
    return each.export, count, str(each.as_of or ""), str(each.rejected or "")
