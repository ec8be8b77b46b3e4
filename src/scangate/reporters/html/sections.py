"""The list of findings: which are shown, in which order, under which heading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Decision
from scangate.reporters.html.entry import Entry, entry
from scangate.reporters.html.fitting import Fitting, fit
from scangate.reporters.outline import Outline, severities

MOST: Final = 4_000
"""Findings that are shown, besides at most `CLOSED` waived and as many fixed ones."""
SIZE: Final = 4_000_000
CLOSED: Final = 500
CLOSED_SIZE: Final = 500_000
_TITLES: Final = {
    "blocking": "Blocking",
    "warned": "Warnings",
    "accepted": "Accepted by the policy",
    "waived": "Waived",
    "fixed": "Fixed since the baseline",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The findings of one outcome. `summary` says how many of which severity, shown or not."""

    id: str
    title: str
    entries: Fitting[Entry]
    summary: str


def sections(
    told: Outline, targets: Mapping[str, int], scanners: Mapping[str, int], *, compared: bool
) -> Iterator[Section]:
    """Fill the page from the most important finding down: first what blocks, then what warns, then the accepted."""
    most, size = MOST, SIZE
    for name, title in _TITLES.items():
        decisions: tuple[Decision, ...] = getattr(told, name)
        if not decisions:
            continue
        closed = name in {"waived", "fixed"}
        made = (entry(each, targets, scanners, compared=compared) for each in decisions)
        entries = fit(made, len(decisions), CLOSED if closed else most, CLOSED_SIZE if closed else size)
        yield Section(id=name, title=title, entries=entries, summary=severities(decisions))
        if not closed:
            # Once something did not fit, nothing less important is shown in its place.
            most = 0 if entries.hidden else most - len(entries.shown)
            size -= entries.size
