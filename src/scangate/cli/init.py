"""`scangate init`."""

from pathlib import Path

import click

from scangate.config import FILE
from scangate.config.discovery import first_config
from scangate.errors import UsageError


@click.command("init")
def command() -> None:
    """Write a first scangate.yml from what is found here. An existing one is never touched."""
    text, found = first_config(Path.cwd())
    try:
        with Path(FILE).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{FILE} is here already", advice="edit it, or move it away first") from None
    except OSError as error:
        raise UsageError(f"{FILE} cannot be written: {error.strerror}", advice="check the folder") from error
    click.echo(f"Found {', '.join(found)}.\nWrote {FILE}. Next: scangate plan, then scangate scan")
