"""Composer: what its VersionParser makes of a version, in the order of PHP's version_compare().

https://getcomposer.org/doc/articles/versions.md. Four parts, then `dev`, `alpha`, `beta`, `RC`, nothing or `patch`.
Branches (`dev-main`) have no order, and are no versions here.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import MAX_LENGTH, number

_TAIL: Final = r"[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*+)?)?([.-]?dev)?"
_NUMBERS: Final = re.compile(rf"v?([0-9]{{1,5}}+(?:\.[0-9]++){{0,3}}){_TAIL}")
_DATE: Final = re.compile(rf"v?([0-9]{{4}}(?:[.:-]?[0-9]{{2}}){{1,6}}(?:[.:-]?[0-9]{{1,3}}){{0,2}}){_TAIL}")
_BRANCH: Final = re.compile(r"v?([0-9]++(?:\.(?:[0-9]++|[x*])){0,3})[.-]?dev")
_IGNORED: Final = re.compile(r"@(?:stable|rc|beta|alpha|dev)$|(?<=.)\+[^\s+]*$")
_DIGITS: Final = re.compile(r"[0-9]+")
_PARTS: Final = 4
_OPEN: Final = "9999999"
"""What Composer writes for the x of 1.x-dev."""
# In this order, where one version has this and the other that.
_DEV, _NOTHING, _NUMBER = "0", "4", "5"
_STAGES: Final = {"alpha": "1", "a": "1", "beta": "2", "b": "2", "rc": "3", "patch": "6", "pl": "6", "p": "6"}


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as Composer does. Raises ValueError on a branch, and on what is no version."""
    text = version.strip().lower()
    if len(text) > MAX_LENGTH or not version.isascii():
        raise ValueError(f"not a Composer version: {version[:80]!r}")
    text = _IGNORED.sub("", _IGNORED.sub("", text))
    if match := _NUMBERS.fullmatch(text):
        return _filled(match[1].split("."), "0") + _stage(match)
    if match := _DATE.fullmatch(text):
        return "".join(_NUMBER + number(part) for part in _DIGITS.findall(match[1])) + _stage(match)
    if match := _BRANCH.fullmatch(text):
        return _filled([_OPEN if part in "x*" else part for part in match[1].split(".")], _OPEN) + _DEV + _NOTHING
    raise ValueError(f"not a Composer version: {version[:80]!r}")


def _filled(parts: list[str], missing: str) -> str:
    return "".join(_NUMBER + number(part) for part in (*parts, *(missing,) * (_PARTS - len(parts))))


def _stage(match: re.Match[str]) -> str:
    _version, stage, counts, dev = match.groups()
    # To Composer `1.0-stable-dev` is 1.0: it drops all that is after `stable`.
    if stage == "stable":
        return _NOTHING
    written = _STAGES[stage] if stage else ""
    written += "".join(_NUMBER + number(count) for count in _DIGITS.findall(counts or ""))
    return written + (_DEV if dev else "") + _NOTHING
