"""From what a scanner yielded to a Run: the record of one scanner on one target."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from scangate.core.model import Asked, Data, Finding, Gap, Item, Note, Package, Run, Service, Status, Tool

T = TypeVar("T")


def fold(
    items: Iterable[Item], *, scanner: str, target: str, status: Status, reason: str = "", advice: str = ""
) -> Run:
    """Sort what was yielded into a Run. Ending well is no proof: a scan that does not say what it covered failed."""
    items = tuple(items)
    # Not through _only: two that are equal are two things asked for, and two that were not covered.
    asked = tuple(each for each in items if isinstance(each, Asked))
    gaps = tuple(each for each in items if isinstance(each, Gap))
    if status is Status.OK and not asked:
        status, reason = Status.FAILED, "it ended well, but did not say what it covered"
        advice = f"report it to whoever wrote the scanner {scanner}: it must yield Asked"
    findings = (replace(each, target=target, seen_by=each.seen_by or (scanner,)) for each in _only(items, Finding))
    return Run(
        scanner=scanner,
        target=target,
        status=status,
        reason=reason,
        advice=advice,
        findings=tuple(findings),
        packages=_only(items, Package),
        services=_only(items, Service),
        unit=asked[0].unit if asked else "",
        asked=sum(each.count for each in asked),
        gaps=gaps,
        tools=_only(items, Tool),
        data=_only(items, Data),
        notes=tuple(each.text for each in _only(items, Note)),
    )


def _only(items: Iterable[Item], kind: type[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(each for each in items if isinstance(each, kind)))


def listening(target: str, runs: Iterable[Run]) -> tuple[Service, ...]:
    """Return what is open on a target, as far as these runs saw: once, whoever saw it."""
    seen = {each for run in runs if run.target == target for each in run.services if each.state == "open"}
    return tuple(sorted(seen))
