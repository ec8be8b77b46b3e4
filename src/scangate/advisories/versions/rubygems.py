"""Ruby: the order of Gem::Version, https://docs.ruby-lang.org/en/master/Gem/Version.html.

Numbers and words; a word makes a pre-release and comes before every number, a missing part is 0, and `-` is `.pre.`.
A platform (`1.15.0-x86_64-linux`) is no part of a version.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
_SEGMENT: Final = re.compile(r"[0-9]+|[A-Za-z]+")
# Zeros up to the end are the end: what counts is how many of them are before a word, or before another number.
_WORD, _NOTHING, _NUMBER = "123"


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as Gem::Version does. Raises ValueError on what is no version of a gem."""
    text = version.strip(" \t\n")
    if len(text) > MAX_LENGTH or not _VERSION.fullmatch(text):
        raise ValueError(f"not a version of a gem: {version[:80]!r}")
    written: list[str] = []
    zeros, is_release = 0, True
    for segment in _SEGMENT.findall(text.replace("-", ".pre.")):
        if segment.isdecimal():
            digits = segment.lstrip("0")
            if not digits:
                zeros += 1
                continue
            # The more zeros, the nearer to the end; a version has fewer segments than MAX_LENGTH * 3.
            written.append(_NUMBER + chr(0x7000 - zeros) + number(digits))
        else:
            # 1.0.a is 1.a: the zeros at the end of the release count nothing.
            written.append(_WORD + chr(1 + (0 if is_release else zeros)) + segment + END)
            is_release = False
        zeros = 0
    return "".join(written) + _NOTHING
