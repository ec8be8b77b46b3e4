"""How much of a list is shown: the page stays a page, whatever is reported, and what was left out is counted.

Every list has a share of the bytes of the page. The shares add up to 8.6 MB, with every character escaped the longest
way; the frame, the style and the script are 60 kB.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from scangate.reporters.outline import line

T = TypeVar("T")
_MARKUP: Final = 400
"""Bytes of markup around one item, at most."""
_ESCAPED: Final = {ord(each): 5 for each in "&<>\"'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting(Generic[T]):
    """What is shown of a list, how many are not, and about how many bytes the shown ones take."""

    shown: tuple[T, ...]
    hidden: int
    size: int

    @property
    def total(self) -> int:
        return len(self.shown) + self.hidden


def fit(items: Iterable[T], total: int, most: int, size: int) -> Fitting[T]:
    """Take items from the front: at most so many, and at most so many bytes. The others are not even made."""
    shown: list[T] = []
    taken = 0
    for item in islice(items, most):
        weight = _MARKUP + _weight(item)
        if taken + weight > size:
            break
        shown.append(item)
        taken += weight
    return Fitting(shown=tuple(shown), hidden=total - len(shown), size=taken)


def short(text: str, limit: int) -> str:
    """Foreign text for a line of the page; templates escape it."""
    return line(text, limit)


def _weight(value: Any) -> int:
    """Bytes of all texts in it, once they are escaped."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return len(value.encode()) + sum(value.count(chr(each)) * (cost - 1) for each, cost in _ESCAPED.items())
    if isinstance(value, tuple):
        return sum(map(_weight, value))
    if is_dataclass(value) and not isinstance(value, type):
        return sum(_weight(getattr(value, each.name)) for each in fields(value))
    return 8
