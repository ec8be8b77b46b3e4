"""`scangate lint`."""

import json
from collections import Counter
from pathlib import Path

import click

from scangate.errors import ExitCode
from scangate.linting import GITHUB, RECEIVERS, Effect, Found, Problem, Repository, fix, lint, read, write
from scangate.reporters.outline import count, line

_SHOWN = 20
"""Places of one rule in the text; all of them are in the JSON."""


@click.command("lint")
@click.argument("file", metavar="FILE.sarif", type=click.Path(path_type=Path))
@click.option(
    "--for",
    "receiver",
    type=click.Choice(RECEIVERS),
    default=GITHUB,
    show_default=True,
    help="Who is to take the file.",
)
@click.option("--root", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="The repository that was scanned: check that files and lines are there.")  # fmt: skip
@click.option("--fix", "mended", metavar="OUT", type=click.Path(path_type=Path), help="Write a file with what can be mended mended.")  # fmt: skip  # noqa: E501
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to tell it.")
@click.option("--strict", is_flag=True, help="Exit with 1 on what is dropped or misfiled, too.")
def command(*, file: Path, receiver: str, root: Path | None, mended: Path | None, form: str, strict: bool) -> int:
    """Say what a receiver would reject, drop or misfile in a SARIF file, whoever made it.

    Exits with 1 when the receiver would reject the file; with --fix, when it would reject the mended one.
    """
    repository = Repository(root) if root else None
    document, done = read(file), 0
    if mended:
        log, done = fix(document, receiver, repository)
        if log:  # of what is no JSON nothing is left to write
            write(mended, log)
            document, done = read(mended), done + len(document.flaws)
    found = lint(document, receiver, repository)
    shown = mended if mended and document.log else file
    click.echo(_json(found, done) if form == "json" else _text(found, done, str(shown), receiver))
    minded = {Effect.REJECTED} | ({Effect.DROPPED, Effect.MISFILED} if strict else set())
    return ExitCode.FAIL if any(each.effect in minded for each in found.problems) else ExitCode.PASS


def _text(found: Found, done: int, name: str, receiver: str) -> str:
    counts = Counter(each.effect for each in found.problems)
    told = ", ".join(f"{counts[effect]:,} {effect}" for effect in Effect if counts[effect])
    rows = [f"mended: {count(done, 'place')}"] if done else []
    problems = f"{count(len(found.problems), 'problem')}: {told}" if told else "nothing to mend"
    rows.append(f"{line(name, 200)} for {receiver}: {problems}")
    groups: dict[str, list[Problem]] = {}
    for problem in found.problems:
        groups.setdefault(problem.rule, []).append(problem)
    more = dict(found.more)
    for rule, places in groups.items():
        for each in places[:_SHOWN]:
            hint = "  [--fix]" if each.fixable else ""
            rows += [f"{each.effect:<9} {rule}  {each.pointer or '(the file)'}{hint}", f"          {each.text}"]
        if (left := len(places[_SHOWN:]) + more.get(rule, 0)) > 0:
            rows.append(f"{places[0].effect:<9} {rule}  and {left:,} more")
    return "\n".join(rows)


def _json(found: Found, done: int) -> str:
    problems = [
        {
            "rule": each.rule,
            "effect": str(each.effect),
            "pointer": each.pointer,
            "text": each.text,
            "fixable": each.fixable,
        }
        for each in found.problems
    ]
    return json.dumps({"problems": problems, "more": dict(found.more), "mended": done}, indent=1)
