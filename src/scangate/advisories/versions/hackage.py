"""Hackage and GHC: numbers between dots (https://pvp.haskell.org), where 1.0 comes after 1.

Tags (`1.2-alpha`) are deprecated, refused by Hackage, and here.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as Data.Version does. Raises ValueError on what is no version."""
    text = version.strip()
    if len(text) > MAX_LENGTH or not _VERSION.fullmatch(text):
        raise ValueError(f"not a version of a Haskell package: {version[:80]!r}")
    return "".join(map(number, text.split("."))) + END
