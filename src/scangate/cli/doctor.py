"""`scangate doctor`."""

import click

from scangate import plugins
from scangate.advisories.feeds import PUBLISHED
from scangate.advisories.sync import feeds_held, status
from scangate.cli import tables
from scangate.cli.canary import tried
from scangate.errors import ExitCode
from scangate.home import home
from scangate.progress import Progress
from scangate.scanners.tools import Checked, check


@click.command("doctor")
@click.option("--canary", is_flag=True, help="Let the scanners find services on loopback that are known to be bad.")
def command(*, canary: bool) -> int:
    """Say what is missing, and the exact command that mends it. Exits with 3 when something is."""
    place = home()
    rows = [
        _row(name, checked, needed=not getattr(scanner, "optional", False))
        for name, scanner in plugins.scanners().items()
        for checked in check(scanner, place)
    ]
    stored = status(place)
    newest = max((each.as_of for each in stored if each.as_of), default=None)
    if newest:
        rows.append(("advisory data", f"ok: {len(stored)} ecosystems, as of {newest}", ""))
    else:
        rows.append(("advisory data", "none", "scangate advisories sync -e ECOSYSTEM"))
    held = {each.name: each for each in feeds_held(place)}
    for name in PUBLISHED:
        said = f"ok: {held[name].records} entries, as of {held[name].as_of}" if name in held else "none"
        rows.append((f"{name} data", said, "" if name in held else "scangate advisories sync"))
    if canary:
        rows += tried(plugins.scanners(), place, Progress())
    tables.show(("what", "state", "run this"), rows)
    missing = [row for row in rows if row[2]]
    click.echo("Everything is here." if not missing else f"{len(missing)} to mend.")
    return ExitCode.INCOMPLETE if missing else ExitCode.PASS


def _row(name: str, checked: Checked, *, needed: bool) -> tuple[str, str, str]:
    """What is not needed is not missing: who wants it sees how to install it."""
    if not checked.problem:
        return f"scanner {name}", f"ok: {checked.need.name} {checked.found.version if checked.found else ''}", ""
    if needed:
        return f"scanner {name}", checked.problem, checked.need.install
    return f"scanner {name}", f"{checked.problem}; only for configs that name it", ""
