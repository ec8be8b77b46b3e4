"""How the action talks to GitHub's runner: the files it reads answers from, the commands in the log, the user."""

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Final

import click

from scangate.errors import UsageError

SUMMARY_LIMIT: Final = 900_000
"""Bytes of a step summary: GitHub drops all of one that is larger than 1 MiB."""
_FILES: Final = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")


def become_owner(environ: Mapping[str, str]) -> None:
    """Go on as the owner of the workspace: GitHub starts Docker actions as root, and files of root would stay behind.

    Root stays root where the workspace, or a file that GitHub reads answers from, belongs to somebody else or to root.
    """
    if os.geteuid() != 0 or "GITHUB_OUTPUT" not in environ:
        return
    owner = Path.cwd().stat()
    answered = [Path(environ[name]) for name in _FILES if environ.get(name)]
    if owner.st_uid and all(each.is_file() and each.stat().st_uid == owner.st_uid for each in answered):
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


@contextmanager
def inert_log() -> Iterator[None]:
    """Keep the runner from obeying lines of the log meanwhile: banners and file names come from attackers.

    Standard error joins standard output, so that none of its lines arrives after the end.
    """
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}")
    try:
        with redirect_stderr(sys.stdout):
            yield
    finally:
        click.echo(f"\n::{token}::")


def annotation(level: str, message: str) -> str:
    """Write the command that shows a message on the page of the run. `level`: notice, warning or error."""
    from scangate.reporters.outline import line

    told = line(message)
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        told = told.replace(character, code)
    return f"::{level} title=scangate::{told}"


def assignments(outputs: Mapping[str, str]) -> str:
    """Write outputs in the form of GITHUB_OUTPUT, each with a random delimiter: no value can end itself."""
    text = ""
    for name, value in outputs.items():
        delimiter = secrets.token_hex(16)
        text += f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
    return text


def summary(text: str) -> str:
    """Cut a step summary at a line, and say so, where it is longer than SUMMARY_LIMIT."""
    whole = text.encode(errors="replace")
    if len(whole) <= SUMMARY_LIMIT:
        return text
    kept = whole[:SUMMARY_LIMIT].rpartition(b"\n")[0].decode(errors="replace")
    return f"{kept}\n\nCut here: GitHub takes no more. The result holds all of it.\n"


def append(variable: str, text: str) -> None:
    """Add to the file that a variable names; without the variable there is nobody to tell. Raises UsageError."""
    if not (file := os.environ.get(variable)):
        return
    try:
        with Path(file).open("a", encoding="utf-8", errors="replace") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(
            f"{variable} cannot be written: {error}",
            advice="the action's image must be started as root, as GitHub does",
        ) from error
