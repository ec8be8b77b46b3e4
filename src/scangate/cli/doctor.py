"""`scangate doctor`."""

import click

from scangate import advisories, plugins
from scangate.cli import tables
from scangate.errors import ExitCode
from scangate.home import home
from scangate.scanners.tools import check


@click.command("doctor")
def command() -> int:
    """Say what is missing, and the exact command that mends it. Exits with 3 when something is."""
    place = home()
    rows = [
        (
            f"scanner {name}",
            checked.problem or f"ok: {checked.need.name} {checked.found.version if checked.found else ''}",
            checked.need.install if checked.problem else "",
        )
        for name, scanner in plugins.scanners().items()
        for checked in check(scanner, place)
    ]
    stored = advisories.status(place)
    newest = max((each.as_of for each in stored if each.as_of), default=None)
    if newest:
        rows.append(("advisory data", f"ok: {len(stored)} ecosystems, as of {newest}", ""))
    else:
        rows.append(("advisory data", "none", "scangate advisories sync --from URL-or-DIR"))
    tables.show(("what", "state", "run this"), rows)
    missing = [row for row in rows if row[2]]
    click.echo("Everything is here." if not missing else f"{len(missing)} to mend.")
    return ExitCode.INCOMPLETE if missing else ExitCode.PASS
