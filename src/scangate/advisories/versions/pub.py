"""Dart's Pub, and Julia: semantic versions whose build metadata counts.

https://pub.dev/documentation/pub_semver/latest/. 1.2.3+1 comes after 1.2.3, unlike in semver.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_WORDS: Final = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION: Final = re.compile(rf"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-({_WORDS}))?(?:\+({_WORDS}))?", re.ASCII)
_PRE_RELEASE, _RELEASE = "0", "1"
_NUMBER, _WORD = "1", "2"


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as pub_semver does. Raises ValueError on what is no version."""
    text = version.strip()
    match = _VERSION.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise ValueError(f"not a version of a Dart package: {version[:80]!r}")
    major, minor, patch, pre, build = match.groups()
    numbers = number(major) + number(minor or "") + number(patch or "")
    return numbers + (_PRE_RELEASE + _identifiers(pre) if pre else _RELEASE) + (_identifiers(build) if build else END)


def _identifiers(text: str) -> str:
    """Numbers come before words, and more identifiers after fewer."""
    parts = text.split(".")
    return "".join(_NUMBER + number(part) if part.isdecimal() else _WORD + part + END for part in parts) + END
