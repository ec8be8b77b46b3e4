"""Which results are one run. GitHub replaces results by category, so what is scanned apart stays apart.

A group is one surface of one environment: a failed scan of staging says nothing about the alerts of production. Its
category depends on nothing that comes and goes with a scan, or alerts would be left behind that no scan ever closes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Surface, Target
from scangate.reporters.sarif.profiles import RUNS

_OTHER: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Targets whose results are one run. `category` ends in a slash: behind it GitHub expects the id of the run."""

    surface: Surface
    category: str
    targets: dict[str, Target]


def groups(targets: Iterable[Target]) -> Iterator[Group]:
    """Yield the groups that have targets; more environments than a file may have runs are not told apart."""
    targets = tuple(targets)
    apart = len({(each.surface, _environment(each)) for each in targets}) <= RUNS
    for surface in Surface:
        here = [each for each in targets if each.surface is surface]
        for name in sorted({_environment(each) if apart else "" for each in here}):
            yield Group(
                surface=surface,
                category=f"scangate/{surface}/{name}/" if name else f"scangate/{surface}/",
                targets={each.id: each for each in here if not apart or _environment(each) == name},
            )


def _environment(target: Target) -> str:
    """Spell it so that no two categories differ in punctuation only: uploaders take such for the same."""
    return _OTHER.sub("-", target.environment.lower()[: 4 * _LONGEST]).strip("-")[:_LONGEST].strip("-")
