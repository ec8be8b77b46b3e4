"""NuGet: semantic versions of up to four parts, whatever their case.

https://learn.microsoft.com/en-us/nuget/concepts/package-versioning. A missing part is 0, build metadata is ignored.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_VERSION: Final = re.compile(
    r"""(?xa)
    ([0-9]+) (?:\.([0-9]+))? (?:\.([0-9]+))? (?:\.([0-9]+))?
    (?: - ([0-9A-Za-z-]+ (?:\.[0-9A-Za-z-]+)* ) )?
    (?: \+ [0-9A-Za-z.-]+ )?
    """
)
_PRE_RELEASE, _RELEASE = "0", "1"
_NUMBER, _WORD = "1", "2"
_LARGEST: Final = 2**31 - 1
"""A larger number in a pre-release is a word to NuGet."""


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as NuGet does. Raises ValueError on what is no version."""
    text = version.strip().lower()
    match = _VERSION.fullmatch(text) if len(text) <= MAX_LENGTH and version.isascii() else None
    if match is None:
        raise ValueError(f"not a NuGet version: {version[:80]!r}")
    *parts, pre = match.groups()
    numbers = "".join(number(part or "") for part in parts)
    return numbers + (_PRE_RELEASE + "".join(map(_identifier, pre.split("."))) + END if pre else _RELEASE)


def _identifier(text: str) -> str:
    """Numbers come before words, and more identifiers after fewer."""
    # Digits are counted first: Python refuses to convert some thousands of them.
    is_number = text.isdecimal() and len(text.lstrip("0")) <= len(str(_LARGEST)) and int(text) <= _LARGEST
    return _NUMBER + number(text) if is_number else _WORD + text + END
