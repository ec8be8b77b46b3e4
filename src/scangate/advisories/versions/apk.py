"""Alpine, Wolfi, Chainguard and their kin: the order of apk-tools 2.14 and 3, apk-package(5).

Numbers, one letter, any number of suffixes (`_alpha _beta _pre _rc` before the version itself, `_cvs _svn _git _hg _p`
after it), `~` and a commit, `-r` and the build. A part after the first that begins with 0 is compared as a text, and
comes before all that do not: 1.05 is below 1.1, and above 1.0.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, ZERO, number

_VERSION: Final = re.compile(
    r"""(?xa)
    ([0-9]+) ((?:\.[0-9]+)*) ([a-z]?)
    ((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)
    (?:~([0-9a-fA-F]+))? (?:-r([0-9]+))?
    """
)
_SUFFIX: Final = re.compile(r"_([a-z]+)([0-9]*)")
_SUFFIXES: Final = ("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p")
_RANKS: Final = {name: str(rank) for rank, name in enumerate(_SUFFIXES)}
_BEFORE: Final = frozenset(_SUFFIXES[:4])
# What may come next, in its order: where one version has this and the other that, it decides.
_EARLIER, _NOTHING, _BUILD, _COMMIT, _COUNT, _LATER, _LETTER, _PART = "12345678"


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as `apk version -t` does. Raises ValueError where `apk version -c` would complain."""
    match = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if match is None:
        raise ValueError(f"not an apk version: {version[:80]!r}")
    first, others, letter, suffixes, commit, build = match.groups()
    written = [number(first), *map(_part, others.split(".")[1:])]
    if letter:
        written.append(_LETTER + letter)
    for name, count in _SUFFIX.findall(suffixes):
        written.append((_EARLIER if name in _BEFORE else _LATER) + _RANKS[name])
        if count:
            written.append(_COUNT + number(count))
    if commit:
        written.append(_COMMIT + commit + END)
    if build:
        written.append(_BUILD + number(build))
    return "".join(written) + _NOTHING


def _part(digits: str) -> str:
    return _PART + (ZERO + digits + END if digits[0] == "0" else number(digits))
