"""`scangate report`."""

import click

from scangate.cli import outputs, stored
from scangate.errors import ExitCode


@click.command("report")
@click.argument("result", metavar="RESULT.json")
@outputs.output_option
def command(*, result: str, outputs_wanted: tuple[str, ...]) -> int:
    """Write reports of a stored result, without judging it again. Exits with 0 when they were written."""
    wanted = outputs.parse(outputs_wanted)
    return ExitCode.PASS if outputs.write(stored.read(result), wanted) else ExitCode.USAGE
