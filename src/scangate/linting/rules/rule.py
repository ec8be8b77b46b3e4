"""What a rule is: a name, what it means to each receiver, and a function that finds and mends it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scangate.linting.case import Case

GITHUB, GITLAB, AZURE = RECEIVERS = ("github", "gitlab", "azure")
"""GitHub code scanning; GitLab's `artifacts:reports:sarif`; GitHub Advanced Security for Azure DevOps."""


class Effect(StrEnum):
    """What happens. REJECTED: the receiver takes nothing of the file. DROPPED: a part is not stored or not shown.

    MISFILED: it is shown with a wrong severity, place, kind or identity. POOR: it is taken, and could say more.
    """

    REJECTED = "rejected"
    DROPPED = "dropped"
    MISFILED = "misfiled"
    POOR = "poor"


RANK: Final = {effect: rank for rank, effect in enumerate(Effect)}


@dataclass(frozen=True, slots=True)
class Hit:
    """One place. `what` is wrong there, in words; `mend` puts it right in the log."""

    pointer: str
    what: str
    mend: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`meaning`: for each receiver that minds, what happens and why."""

    name: str
    meaning: Mapping[str, tuple[Effect, str]]
    check: Callable[[Case], Iterator[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, as told to a person. `pointer` is a JSON pointer (RFC 6901)."""

    rule: str
    effect: Effect
    pointer: str
    text: str
    fixable: bool
