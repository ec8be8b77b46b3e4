"""`scangate action`: what the Docker action of GitHub runs; action.yml declares its inputs and outputs."""

import os
from collections import Counter
from functools import partial
from pathlib import Path

import click

from scangate import plugins
from scangate.cli import run, stored
from scangate.cli.action import runner
from scangate.cli.action.inputs import Inputs, arguments, read
from scangate.core.model import Report, Severity, Status, Verdict
from scangate.reporters import Screen

_GROUPS = ("blocking", "warned", "accepted", "waived", "fixed")


@click.command("action", hidden=True)
def command() -> int:
    """Run the action of GitHub: inputs from INPUT_*, outputs to GITHUB_OUTPUT, and the exit code of the scan."""
    runner.become_owner(os.environ)
    inputs = read(os.environ)
    before = {file: _stamp(file) for file in (inputs.result, inputs.sarif)}
    with runner.inert_log():
        if inputs.advisories:
            run(["advisories", "sync", f"--from={inputs.advisories}"])  # what is missing then, the scan says
        code = run(arguments(inputs))
    # A file of an earlier step is not this scan's.
    written = {file for file, old in before.items() if _stamp(file) not in (None, old)}
    report = stored.read(inputs.result) if inputs.result in written else None
    runner.append("GITHUB_OUTPUT", runner.assignments(answers(report, code, inputs, written)))
    runner.append("GITHUB_STEP_SUMMARY", runner.summary(_told(report, code)))
    if report and report.verdict is not Verdict.PASS:
        why = "; ".join(each.text for each in report.reasons[:3])
        click.echo(runner.annotation("error" if code else "warning", f"{report.verdict}: {why}"))
    return code


def answers(report: Report | None, code: int, inputs: Inputs, written: set[str]) -> dict[str, str]:
    """Fill the outputs of action.yml; all but the exit code are empty when nothing was judged.

    A severity counts the findings that are there now, whatever the policy says of them. `written`: files of this scan.
    """
    from scangate.reporters.outline import outline

    severities = [each.name.lower() for each in sorted(Severity, reverse=True)]
    filled = dict.fromkeys(("verdict", "exit-code", *_GROUPS, *severities, "result", "sarif"), "")
    filled["exit-code"] = str(int(code))
    if not report:
        return filled
    told = outline(report)
    groups = {name: getattr(told, name) for name in _GROUPS}
    there = Counter(each.finding.severity.name.lower() for name in _GROUPS if name != "fixed" for each in groups[name])
    filled |= {"verdict": str(report.verdict), "result": inputs.result}
    looked = any(run.status is Status.OK for run in report.runs)  # GitHub refuses a file without a run
    filled |= {"sarif": inputs.sarif} if looked and inputs.sarif in written else {}
    filled |= {name: str(len(decisions)) for name, decisions in groups.items()}
    return filled | {name: str(there[name]) for name in severities}


def _told(report: Report | None, code: int) -> str:
    """The step summary. A reporter that breaks does not change the verdict."""
    if not report:
        return f"## scangate: no verdict\n\nNothing was judged (exit code {code:d}): the log of the step says why.\n"
    texts: list[str] = []
    _status, reason, _advice = plugins.attempt(partial(_render, report, texts), "markdown")
    return texts[0] if texts else f"## scangate: {report.verdict}\n\nThe summary could not be written: {reason}\n"


def _render(report: Report, texts: list[str]) -> None:
    texts.append(plugins.reporter("markdown").render(report, Screen()))


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns
