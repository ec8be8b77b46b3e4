"""Red Hat and its kin, SUSE, Mageia, openEuler: `epoch:version-release`, each as rpmvercmp() compares it.

https://rpm-software-management.github.io/rpm/man/rpm-version.7. Runs of digits and of letters, whatever separates them;
`~` before the end, the end before `^`, `^` before letters, letters before digits. A version without a release comes
before those with one, and no epoch is 0. Stricter than rpm in one point: a version holds a digit, because a package
that calls itself `latest` has none.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_VERSION: Final = re.compile(r"(?:([0-9]{1,10}):)?([A-Za-z0-9._+~^-]*?)(?:-([A-Za-z0-9._+~^]*))?")
_SEGMENT: Final = re.compile(r"([~^])|([0-9]+)|([A-Za-z]+)")
# In this order, where one version has this and the other that.
_TILDE, _NOTHING, _CARET, _LETTERS, _DIGITS = "12345"
_MARKS: Final = {"~": _TILDE, "^": _CARET}


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as rpm's labelCompare() does. Raises ValueError on what is no version."""
    match = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if match is None or not any(map(str.isdecimal, match[2])):
        raise ValueError(f"not an rpm version: {version[:80]!r}")
    epoch, upstream, release = match.groups()
    return number(epoch or "") + _part(upstream) + _part(release or "")


def _part(text: str) -> str:
    return (
        "".join(
            _MARKS[mark] if mark else _DIGITS + number(digits) if digits else _LETTERS + letters + END
            for mark, digits, letters in _SEGMENT.findall(text)
        )
        + _NOTHING
    )
