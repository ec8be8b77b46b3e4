"""`scangate scanners`."""

import click

from scangate import plugins
from scangate.cli import tables
from scangate.home import home
from scangate.scanners.tools import Checked, check


@click.command("scanners")
def command() -> None:
    """List the scanners, what they read, and whether what they need is installed, in which version."""
    place = home()
    tables.show(
        ("scanner", "reads", "needs", "what it does"),
        [
            (
                name,
                ", ".join(sorted(scanner.kinds)),
                "; ".join(map(_state, check(scanner, place))) or "nothing",
                scanner.summary,
            )
            for name, scanner in plugins.scanners().items()
        ],
    )


def _state(checked: Checked) -> str:
    return checked.problem or (f"{checked.found.name} {checked.found.version}" if checked.found else "")
