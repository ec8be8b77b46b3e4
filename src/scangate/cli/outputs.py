"""Where reports go: `-o FORMAT[=FILE]`, repeated. The CLI owns the files; a reporter only makes text."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from scangate import plugins
from scangate.core.model import Report, Verdict
from scangate.errors import ExitCode, UsageError
from scangate.reporters import Reporter, Screen

EXIT_CODES: Final = {Verdict.PASS: ExitCode.PASS, Verdict.FAIL: ExitCode.FAIL, Verdict.INCOMPLETE: ExitCode.INCOMPLETE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A report that was asked for; without a file it goes to standard output."""

    reporter: Reporter
    file: Path | None


def verdict_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that ends in a verdict."""
    for option in (
        click.option("--exit-zero", is_flag=True, help="Exit with 0 on FAIL and INCOMPLETE too, and say so."),
        output_option,
        click.option(
            "--baseline", metavar="RESULT.json", help="Mark findings new, unchanged or fixed against this result."
        ),
        click.option("-p", "--policy", metavar="POLICY", help="A policy file, or builtin:NAME."),
    ):
        command = option(command)
    return command


output_option = click.option(
    "-o",
    "--output",
    "outputs_wanted",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="Write a report; may be repeated. Formats: console (the default), result, html, markdown, sarif, junit, csv, "
    "cyclonedx, services, github, gitlab-..., and more: a wrong one lists them all.",
)


def parse(words: Sequence[str]) -> tuple[Output, ...]:
    """Read `-o` options before anything is scanned. Raises UsageError."""
    outputs = []
    for word in words or ("console",):
        name, _, file = word.partition("=")
        reporter = plugins.reporter(name)
        path = Path(file) if file and file != "-" else None
        if path and path.is_dir():
            raise UsageError(f"-o {word}: {file} is a folder", advice="name a file")
        outputs.append(Output(reporter=reporter, file=path))
    return tuple(outputs)


def write(report: Report, outputs: Sequence[Output]) -> bool:
    """Write every report. One that cannot be written does not stop the others; it is said, and the answer is False."""
    written = True
    for output in outputs:
        _status, reason, advice = plugins.attempt(partial(_write, report, output), output.reporter.name)
        if reason:
            written = False
            click.echo(f"scangate: the {output.reporter.name} report was not written: {reason} ({advice})", err=True)
    return written


def answer(report: Report, outputs: Sequence[Output], *, exit_zero: bool) -> int:
    """Write the reports, and turn the verdict into an exit code. A report that is missing is not a pass."""
    written = write(report, outputs)
    code = EXIT_CODES[report.verdict]
    if code is ExitCode.PASS and not written:
        code = ExitCode.INCOMPLETE
    if exit_zero and code is not ExitCode.PASS:
        click.echo(f"scangate: the verdict is {report.verdict}; --exit-zero turns exit code {code:d} into 0", err=True)
        return ExitCode.PASS
    return code


def _write(report: Report, output: Output) -> None:
    if output.file is None:
        terminal = sys.stdout.isatty()
        colour = terminal and "NO_COLOR" not in os.environ
        width = shutil.get_terminal_size().columns if terminal else 100
        text = output.reporter.render(report, Screen(width=max(60, width), colour=colour))
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    text = output.reporter.render(report, Screen())
    try:
        _replace(output.file, text.encode())
    except OSError as error:
        raise UsageError(f"{output.file}: {error.strerror}", advice="check the folder and its permissions") from error


def _replace(path: Path, content: bytes) -> None:
    """Write all of it or nothing: a reader never sees half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)  # of one that was interrupted nothing is left
