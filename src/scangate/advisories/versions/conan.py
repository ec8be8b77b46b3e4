"""ConanCenter: parts between dots, numbers or not (`1.1.1w`, `cci.20230101`), then a pre-release and a build.

https://docs.conan.io/2/tutorial/versioning/version_ranges.html. Trailing zeros count nothing. Conan compares a part
that is a number with one that is none as texts, which is no order (9 < 10 < 1a < 9): here digits count as a number.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_PART: Final = r"[0-9A-Za-z_]+(?:\.[0-9A-Za-z_]+)*"
_VERSION: Final = re.compile(rf"({_PART})(?:-({_PART}))?(?:\+({_PART}))?", re.ASCII)
_BEFORE, _NOTHING, _AFTER = "012"
_NUMBER, _WORD = "12"


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as Conan does. Raises ValueError on what holds no digit."""
    match = _VERSION.fullmatch(version.lower()) if len(version) <= MAX_LENGTH else None
    if match is None or not any(map(str.isdecimal, version)):
        raise ValueError(f"not a Conan version: {version[:80]!r}")
    main, pre, build = match.groups()
    stage = _BEFORE + _parts(pre) if pre else _NOTHING
    return _parts(main) + stage + (_AFTER + _parts(build) if build else _NOTHING)


def _parts(text: str) -> str:
    parts = text.split(".")
    while len(parts) > 1 and not parts[-1].strip("0"):
        parts.pop()
    return "".join(map(_part, parts)) + END


def _part(text: str) -> str:
    rest = text.lstrip("0123456789")
    digits = text[: len(text) - len(rest)]
    return _NUMBER + number(digits) + rest + END if digits else _WORD + rest + END
