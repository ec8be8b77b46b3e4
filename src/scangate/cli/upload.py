"""`scangate upload`."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from scangate.errors import ExitCode, UsageError
from scangate.linting import GITHUB, Effect, Repository, fix, lint, read
from scangate.reporters.outline import count, line
from scangate.uploading import Answer, Destination, Payload, State, destination, payload, upload

_TOLD = 5
"""Problems of a file that are told before it is sent; `scangate lint` tells all."""
_CODES = {
    State.COMPLETE: ExitCode.PASS,
    State.FAILED: ExitCode.FAIL,
    State.REFUSED: ExitCode.FAIL,
    State.NOT_TAKEN: ExitCode.PASS,
    State.PENDING: ExitCode.PASS,
}
_STRICT = {State.NOT_TAKEN: ExitCode.FAIL, State.PENDING: ExitCode.INCOMPLETE}


@click.command("upload")
@click.argument("files", metavar="FILE.sarif...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--repository", metavar="OWNER/NAME", help="Where to; GITHUB_REPOSITORY by default.")
@click.option("--commit", metavar="SHA", help="What was scanned; GITHUB_SHA by default.")
@click.option("--ref", metavar="REF", help="Where that belongs; the pull request's merge, or GITHUB_REF, by default.")
@click.option("--category", metavar="NAME", default="", help="Put before the categories of the file, for jobs that scan apart.")  # fmt: skip  # noqa: E501
@click.option("--root", metavar="DIR", default=".", type=click.Path(path_type=Path, file_okay=False, exists=True), help="The checkout.")  # fmt: skip  # noqa: E501
@click.option("--strict", is_flag=True, help="No permission, the feature off, or no answer in time are errors.")
def command(
    *,
    files: tuple[Path, ...],
    repository: str | None,
    commit: str | None,
    ref: str | None,
    category: str,
    root: Path,
    strict: bool,
) -> int:
    """Upload SARIF files to GitHub code scanning, and wait until they are processed.

    The token comes from GITHUB_TOKEN or GH_TOKEN. Exits with 1 when GitHub refuses a file; where it takes no alerts at
    all (no permission, feature off), that is a notice.
    """
    to = destination(os.environ, repository=repository, commit=commit, ref=ref)
    ready = [(file, _packed(file, to, root, category)) for file in files]
    _apart(ready)
    codes = []
    for file, packed in ready:
        answer = upload(to, packed.body)
        _say(file, packed, answer)
        codes.append((_CODES | (_STRICT if strict else {}))[answer.state])
    return next((code for code in (ExitCode.FAIL, ExitCode.INCOMPLETE) if code in codes), ExitCode.PASS)


def _packed(file: Path, to: Destination, root: Path, category: str) -> Payload:
    """Read a file, say what GitHub will not like, and complete the fingerprints it needs."""
    document, checkout = read(file), Repository(root)
    found = [each for each in lint(document, GITHUB).problems if each.effect is Effect.REJECTED]
    for each in found[:_TOLD]:
        click.echo(
            f"warning: {line(str(file), 200)}: {each.rule} at {each.pointer or '(the file)'}: {each.text}", err=True
        )
    if len(found) > _TOLD:
        click.echo(f"warning: {len(found) - _TOLD:,} more: run `scangate lint {line(str(file), 200)}`", err=True)
    fix(document, GITHUB, checkout, only=frozenset({"fingerprint-missing"}))
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return payload(str(file), document, to, root=root, category=category, now=now)


def _apart(ready: list[tuple[Path, Payload]]) -> None:
    """Refuse files that would replace each other. Raises UsageError."""
    met: dict[tuple[str, str], Path] = {}
    for file, packed in ready:
        for key in set(packed.categories):
            if (other := met.setdefault(key, file)) is not file:
                raise UsageError(
                    f"{file} would replace {other}: both are {line(key[0], 60)}, category {key[1]!r:.100}",
                    advice="give the runs categories of their own (automationDetails.id)",
                )


def _say(file: Path, packed: Payload, answer: Answer) -> None:
    name, results = line(str(file), 200), count(packed.results, "result")
    words = {
        State.COMPLETE: f"{name}: {results} uploaded and processed",
        State.FAILED: f"error: {name}: {answer.reason}",
        State.REFUSED: f"error: {name}: {answer.reason}",
        State.NOT_TAKEN: f"notice: {name}: nothing was uploaded: {answer.reason}",
        State.PENDING: f"notice: {name}: {answer.reason}",
    }
    click.echo(words[answer.state])
    for error in answer.errors:
        click.echo(f"  GitHub: {error}")
    if answer.advice:
        click.echo(f"  {answer.advice}")
