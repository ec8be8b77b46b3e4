"""Debian and Ubuntu: epochs, `~` before everything, letters before other characters, digits as numbers.

The order is that of deb-version(7), https://manpages.debian.org/deb-version.7. Stricter than dpkg in one point: dpkg
only warns about a version that does not start with a digit or holds other characters; to us it is no version, because
a package that calls itself `latest` would otherwise be newer than every fix.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import MAX_LENGTH, number

_VERSION: Final = re.compile(
    r"""(?x)
    (?: (?P<epoch>[0-9]{1,9}) : )?
    (?: (?P<upstream>[0-9][A-Za-z0-9.+~:-]*) - (?P<revision>[A-Za-z0-9.+~]+) | (?P<native>[0-9][A-Za-z0-9.+~:]*) )
    """
)
_PAIRS: Final = re.compile(r"([^0-9]*)([0-9]*)")
# In this order: the tilde, then the end of a run of non-digits, then letters (as they are), then everything else.
_TILDE, _END = "\x01", "\x02"
_RANK: Final = {ord("~"): _TILDE} | {ord(each): chr(0x100 + ord(each)) for each in "+-.:"}


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as `dpkg --compare-versions` does. Raises ValueError where dpkg would complain."""
    match = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    # Without an epoch, a colon can only be the end of one that is none.
    if match is None or (match["epoch"] is None and ":" in version):
        raise ValueError(f"not a Debian version: {version[:80]!r}")
    epoch, upstream, revision, native = match.groups()
    return number(epoch or "") + _part(upstream or native) + _part(revision or "")


def _part(text: str) -> str:
    """Write upstream version or revision: runs of non-digits, each up to its end mark, and the numbers between."""
    pairs = _PAIRS.findall(text)[:-1] or [("", "")]
    return "".join([others.translate(_RANK) + _END + number(digits) for others, digits in pairs]) + _END
