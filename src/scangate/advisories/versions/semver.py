"""Semantic versions 2.0 (https://semver.org), as leniently as npm's and Go's packages need.

Accepted beyond the specification: a leading `v` or `=`, missing parts (`1.2` is `1.2.0`), leading zeros. Build metadata
is ignored. Not accepted, because nobody defines their order: more than three parts, and a pre-release without its
hyphen (`1.2.3beta`).
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_VERSION: Final = re.compile(
    r"""(?xa)
    [v=]? ([0-9]+) (?:\. ([0-9]+) )? (?:\. ([0-9]+) )?
    (?: - ([0-9A-Za-z-]+ (?:\.[0-9A-Za-z-]+)* ) )?
    (?: \+ [0-9A-Za-z.-]+ )?
    """
)
_PRE_RELEASE, _RELEASE = "0", "1"
_NUMBER, _WORD = "1", "2"


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares by semver's precedence. Raises ValueError on what is no version."""
    text = version.strip()
    match = _VERSION.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise ValueError(f"not a semantic version: {version[:80]!r}")
    major, minor, patch, pre = match.groups()
    numbers = number(major) + number(minor or "") + number(patch or "")
    return numbers + (_PRE_RELEASE + _identifiers(pre) if pre else _RELEASE)


def _identifiers(text: str) -> str:
    """Numbers come before words, and more identifiers after fewer."""
    parts = text.split(".")
    return "".join(_NUMBER + number(part) if part.isdecimal() else _WORD + part + END for part in parts) + END
