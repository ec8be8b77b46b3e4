"""How a key is written: as one text that compares as the version does.

Texts compare in C and, unlike tuples, cost the garbage collector nothing: 20,000 comparisons are some milliseconds.
"""

from functools import lru_cache
from typing import Final

MAX_LENGTH: Final = 1_000
"""Characters of the longest version that is looked at; a longer one is no version of any scheme."""
END: Final = "\0"
"""Sorts before every number and every word."""
ZERO: Final = "\1"
"""`number("0")`; every other number sorts after it."""


@lru_cache(maxsize=1 << 12)
def number(digits: str) -> str:
    """Write decimal digits so that they compare as the number: its length first. No digits are zero."""
    bare = digits.lstrip("0")
    return chr(len(bare) + 1) + bare
