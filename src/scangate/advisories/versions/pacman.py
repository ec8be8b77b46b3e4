"""Arch Linux and its kin: `epoch:version-release` as vercmp(8) compares them.

Like rpm's, but without `~` and `^`: letters that follow a number directly come before the end (1.0rc1 before 1.0), and
more separators between two parts after fewer. vercmp ignores the release where one of the two has none, which is no
order; here none comes first. A version that ends in a separator has no place in vercmp's order, and is none.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_PART: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._+~:^@]*[A-Za-z0-9])?"
_VERSION: Final = re.compile(rf"(?:([0-9]{{1,10}}):)?({_PART})(?:-([0-9]+(?:\.[0-9]+)*))?")
_SEGMENT: Final = re.compile(r"([^A-Za-z0-9]*)(?:([0-9]+)|([A-Za-z]+))")
# In this order, where one version has this and the other that.
_LETTERS_AT_ONCE, _NOTHING, _DIGITS_AT_ONCE, _SEPARATED = "1234"
_LETTERS, _DIGITS = "12"


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as `vercmp` does. Raises ValueError on what is no version."""
    match = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if match is None or not any(map(str.isdecimal, match[2])):
        raise ValueError(f"not a pacman version: {version[:80]!r}")
    epoch, upstream, release = match.groups()
    return number(epoch or "") + _part(upstream) + (_part(release) if release else "")


def _part(text: str) -> str:
    return "".join(_segment(*found) for found in _SEGMENT.findall(text)) + _NOTHING


def _segment(separator: str, digits: str, letters: str) -> str:
    written = number(digits) if digits else letters + END
    if separator:
        return _SEPARATED + chr(len(separator)) + (_DIGITS if digits else _LETTERS) + written
    return (_DIGITS_AT_ONCE if digits else _LETTERS_AT_ONCE) + written
