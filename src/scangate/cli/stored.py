"""Stored results, as commands take them."""

from pathlib import Path

import click

from scangate.core.model import Report
from scangate.errors import UsageError

MAX_BYTES = 512 * 2**20


def read(file: str) -> Report:
    """Read a result. Raises UsageError."""
    from scangate.reporters.result import read as parse

    try:
        with Path(file).open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}", advice="check the path") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{file}: is larger than {MAX_BYTES // 2**20} MiB", advice="check that it is a result")
    return parse(content, file)


def read_baseline(file: str | None) -> tuple[Report | None, str]:
    """Read a baseline, and say what is wrong when it cannot be read: then everything counts as new, loudly."""
    if file is None:
        return None, ""
    try:
        return read(file), ""
    except UsageError as error:
        note = f"the baseline cannot be used, so every finding counts as new: {error.message}"
        click.echo(f"scangate: {note}", err=True)
        return None, note
