"""How a scan went, in GitLab's words: its status, and messages for everything that was not covered or not shown.

GitLab calls a vulnerability "no longer detected" when it is missing from a report. A scan is a success only when every
scanner that could have found something ended well.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from scangate.core.model import Reason, Report, Run, Status, Target, Verdict
from scangate.reporters.outline import count, line

MOST: Final = 200
"""Messages of one report; the rest is counted."""
_TEXT: Final = 1_000


def status(report: Report, targets: Sequence[Target]) -> str:
    """`success` or `failure`. Where there was nothing to scan, nothing failed; a message says that."""
    names = {each.id for each in targets}
    runs = [each for each in report.runs if each.target in names and each.attempted]
    scanned = {each.target for each in runs}
    return "success" if scanned == names and all(each.status is Status.OK for each in runs) else "failure"


def messages(report: Report, targets: Sequence[Target], *, left_out: int, waived: int) -> list[dict[str, str]]:
    """The verdict, then what is missing from the report, then what was not covered."""
    names = {each.id for each in targets}
    runs = [each for each in report.runs if each.target in names]
    level = {Verdict.PASS: "info", Verdict.FAIL: "info", Verdict.INCOMPLETE: "warn"}[report.verdict]
    found = [_say(level, f"scangate: {report.verdict}, by the policy {line(report.policy.name, 100)}")]
    if not targets:
        found.append(_say("info", "No target of this kind was to be scanned."))
    if left_out:
        found.append(_say("warn", f"{count(left_out, 'finding')} over the limit, not in this report: see result.json."))
    if waived:
        found.append(_say("info", f"{count(waived, 'finding')} waived by the policy, not in this report."))
    for run in runs:
        found.extend(_of_run(run))
    told = {(each.scanner, each.target) for each in runs if each.attempted and each.status is not Status.OK}
    found.extend(_reasons(report.reasons, names, told))
    if len(found) > MOST:
        more = len(found) - MOST + 1
        found[MOST - 1 :] = [_say("warn", f"{count(more, 'more message')}, see result.json.")]
    return found


def _of_run(run: Run) -> Iterable[dict[str, str]]:
    name = f"{line(run.scanner, 100)} on {line(run.target, 200)}"
    if run.status is Status.SKIPPED:
        yield _say("info", f"{name} was skipped: {line(run.reason, 500)}")
    elif run.attempted and run.status is not Status.OK:
        yield _say("fatal", f"{name} {run.status}: {line(run.reason, 500)} ({line(run.advice, 300)})")
    for gap in run.gaps:
        yield _say("warn", f"{name} did not cover {line(gap.what, 300)}: {line(gap.reason, 300)}")


def _reasons(reasons: Iterable[Reason], names: set[str], told: set[tuple[str, str]]) -> Iterable[dict[str, str]]:
    for each in reasons:
        concerned = not each.target or each.target in names
        if each.verdict is Verdict.INCOMPLETE and concerned and (each.scanner, each.target) not in told:
            yield _say("warn", f"{line(each.text, 500)} ({line(each.remedy, 300)})")


def _say(level: str, text: str) -> dict[str, str]:
    return {"level": level, "value": line(text.replace(" ()", ""), _TEXT) or "-"}
