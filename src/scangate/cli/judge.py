"""`scangate judge`."""

from dataclasses import replace
from pathlib import Path

import click

from scangate import pipeline
from scangate.cli import outputs, stored
from scangate.config.policies import load_policy
from scangate.config.repository import find_root


@click.command("judge")
@click.argument("result", metavar="RESULT.json")
@outputs.verdict_options
def command(
    *,
    result: str,
    policy: str | None,
    baseline: str | None,
    outputs_wanted: tuple[str, ...],
    exit_zero: bool,
) -> int:
    """Judge a stored result again, as of the day it was made.

    Without -p, by the policy it was judged by. The same policy gives the same verdict and the same explanation.
    """
    wanted = outputs.parse(outputs_wanted)
    report = stored.read(result)
    # What a result says of its policy is relative to the root of the repository; a flag is relative to where we are.
    judged_by = load_policy(policy, Path.cwd()) if policy else load_policy(report.policy.source, find_root(Path.cwd()))
    before, note = stored.read_baseline(baseline)
    judged = pipeline.rejudge(report, judged_by, before)
    notes = list(judged.notes)
    if not policy and judged_by.ref.digest != report.policy.digest:
        notes.append(f"the policy {report.policy.source} has changed since the result was made")
    if note:
        notes.append(note)
    return outputs.answer(replace(judged, notes=tuple(notes)), wanted, exit_zero=exit_zero)
