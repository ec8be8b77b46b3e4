"""Ansible's way to write many hosts in one: web[01:50].example.com, db-[a:f], rack[1:9:2]."""

import re
from collections.abc import Iterator
from typing import Final

MOST: Final = 10_000
"""Hosts that one pattern may stand for."""
_RANGE: Final = re.compile(r"\[([0-9]{1,9}|[a-z]|[A-Z])?:([0-9]{1,9}|[a-z]|[A-Z])(?::([0-9]{1,5}))?\]", re.ASCII)


def expand(pattern: str) -> tuple[str, ...]:
    """Write a pattern out, in order. Raises ValueError with the sentence to show."""
    pieces = _RANGE.split(pattern)
    names = [pieces[0]]
    for index in range(1, len(pieces), 4):
        first, last, step, after = pieces[index : index + 4]
        values = tuple(_values(pattern, first or "0", last, int(step or 1)))
        if len(values) * len(names) > MOST:
            raise ValueError(f"{pattern!r} is more than {MOST:,} hosts")
        names = [name + value + after for name in names for value in values]
    return tuple(names)


def _values(pattern: str, first: str, last: str, step: int) -> Iterator[str]:
    if step < 1:
        raise ValueError(f"{pattern!r} counts in steps of 0")
    if first.isdecimal() and last.isdecimal():
        width = len(first) if first.startswith("0") and len(first) > 1 else 0
        low, high = int(first), int(last)
        if (high - low) // step >= MOST:
            raise ValueError(f"{pattern!r} is more than {MOST:,} hosts")
        values = [str(number).zfill(width) for number in range(low, high + 1, step)]
    elif not first.isdecimal() and not last.isdecimal():
        values = [chr(code) for code in range(ord(first), ord(last) + 1, step)]
    else:
        raise ValueError(f"{pattern!r} goes from a digit to a letter")
    if not values:
        raise ValueError(f"{pattern!r} runs backwards")
    yield from values
