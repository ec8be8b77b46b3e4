"""What a reader of the results must know about the scan: what was not looked at, and what is not shown."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from scangate.core.model import Reason, Run, Status, Verdict
from scangate.reporters.outline import count, line
from scangate.reporters.sarif import objects as om

MOST: Final = 1_000
"""Notifications of one run; the rest is counted."""
_KINDS: Final = {
    "verdict-incomplete": (
        "Something required was not scanned.",
        "The policy requires more than was looked at, so that finding nothing proves nothing: the run is no pass.",
        "Do what the message says, and scan again.",
    ),
    "scan-failed": (
        "A scan did not end well.",
        "A scanner failed, ran out of time or was cancelled, so its part of the target was not looked at.",
        "Mend what the message names and scan again. Nothing that this scan would have found is in the results.",
    ),
    "scan-skipped": (
        "A scan was skipped.",
        "A scanner could have read the target and did not run.",
        "Install what it needs, or take it out of the configuration.",
    ),
    "not-covered": (
        "A part of a target was not covered.",
        "A scan ended well, and could not look at one of the things it was asked for.",
        "Make the named thing readable or reachable, or exclude it.",
    ),
    "not-shown": (
        "Findings are not shown.",
        "Findings were left out of these results: waived or fixed ones, or more than a receiver takes.",
        "See all of them in result.json, or in the profile sarif-full.",
    ),
}
DESCRIPTORS: Final = [
    om.ReportingDescriptor(
        id=name,
        name="".join(part.capitalize() for part in name.split("-")),
        short_description=om.MultiformatMessageString(text=short),
        full_description=om.MultiformatMessageString(text=full),
        help=om.MultiformatMessageString(text=mend),
    )
    for name, (short, full, mend) in _KINDS.items()
]


def notifications(reasons: Iterable[Reason], scans: Iterable[Run], left_out: Mapping[str, int]) -> list[Any]:
    """One for each reason why the verdict is no pass, each kind of finding left out, each scan not OK, and each gap."""
    found = [
        _say("verdict-incomplete", "error", f"{Verdict.INCOMPLETE}: {_sentences(each.text, each.remedy)}")
        for each in reasons
        if each.verdict is Verdict.INCOMPLETE
    ]
    if left_out["closed"]:
        found.append(_say("not-shown", "note", f"{count(left_out['closed'], 'finding')} waived or fixed, not shown."))
    if left_out["overLimit"]:
        found.append(
            _say("not-shown", "warning", f"{count(left_out['overLimit'], 'finding')} over the limit, not shown.")
        )
    for scan in scans:
        name = f"{line(scan.scanner, 100)} on {line(scan.target, 200)}"
        if scan.status is Status.NOT_APPLICABLE:
            continue
        if scan.status is Status.SKIPPED:
            found.append(_say("scan-skipped", "note", f"{name} was skipped: {line(scan.reason, 500)}."))
        elif scan.status is not Status.OK:
            found.append(_say("scan-failed", "error", f"{name} {scan.status}: {line(scan.reason, 500)}."))
        found.extend(
            _say("not-covered", "warning", f"{name} did not cover {line(gap.what, 300)}: {line(gap.reason, 300)}.")
            for gap in scan.gaps
        )
    if len(found) > MOST:
        more = len(found) - MOST + 1
        found[MOST - 1 :] = [_say("not-covered", "warning", f"{count(more, 'more notification')}, see result.json.")]
    return found


def _sentences(text: str, remedy: str) -> str:
    parts = (line(text, 600), line(remedy, 300))
    return " ".join(each if each.endswith((".", "!", "?")) else f"{each}." for each in parts if each)


def _say(kind: str, level: str, text: str) -> Any:
    return om.Notification(
        level=level,
        message=om.Message(text=text),
        descriptor=om.ReportingDescriptorReference(id=kind, index=list(_KINDS).index(kind)),
    )
