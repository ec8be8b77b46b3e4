"""`scangate advisories`."""

import click


@click.group("advisories")
def command() -> None:
    """Fetch advisory data, and show how old it is."""
