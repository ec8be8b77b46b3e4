"""Maven: the order of ComparableVersion, https://maven.apache.org/pom.html#version-order-specification.

Tokens between dots, hyphens, and digits and letters; `alpha beta milestone rc snapshot` before the release, `sp` and
every other word after it; trailing zeros and `ga final release` count nothing, at each hyphen. A word at the end, or
before digits, is as if it followed a hyphen (1.0.RC1 is 1.0-RC1).

Maven's own order has circles, where a word stands first or between dots: 1.sp.1 before 1-rc before 1 before 1.sp.1.
There a version here comes before or after the release as its first word does.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_VERSION: Final = re.compile(r"[!-#%-z|~]*[0-9][!-#%-z|~]*")  # no spaces, and none of `${}`: that is a variable
_TOKEN: Final = re.compile(r"([.-]?)(?:([0-9]+)|([^0-9.-]+)|(?=[.-])|$)")
_WORDS: Final = {
    word: str(rank) for rank, word in enumerate(("alpha", "beta", "milestone", "rc", "snapshot", "", "sp"))
}
_ALIASES: Final = {"ga": "", "final": "", "release": "", "cr": "rc"}
_SHORT: Final = {"a": "alpha", "b": "beta", "m": "milestone"}
_RELEASE, _UNKNOWN = "5", "7"
# In this order, where one version has this and the other that.
_WORD_BEFORE, _LIST_BEFORE, _NOTHING, _WORD_AFTER, _LIST_AFTER, _NUMBER = "123456"
_BEFORE: Final = frozenset((_WORD_BEFORE, _LIST_BEFORE))
_EMPTY: Final = frozenset((_NUMBER + number("0"), _WORD_AFTER + _RELEASE))


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as Maven does. Raises ValueError on what holds no digit, and on a variable."""
    if len(version) > MAX_LENGTH or not _VERSION.fullmatch(version):
        raise ValueError(f"not a Maven version: {version[:80]!r}")
    written = ""
    # From the last list to the first, because a list comes before or after the end by what is in it.
    for each in reversed(_lists(version.lower())):
        items = _trimmed(each)
        if written:
            items.append((_LIST_BEFORE if written[0] in _BEFORE else _LIST_AFTER) + written)
        written = "".join(items) + _NOTHING if items else ""
    return written or _NOTHING


def _lists(text: str) -> list[list[str]]:
    """Split at hyphens, and where digits meet letters. Of a list, the first item or any after a dot may be a word."""
    lists: list[list[str]] = [[]]
    tokens = [each for each in _TOKEN.findall(text) if any(each)]
    after_word = False
    for (separator, digits, word), following in zip(tokens, [*tokens[1:], None], strict=True):
        before_digits = following is not None and following[0] == "" and following[1] != ""
        opens = separator != "." or (word and (before_digits or following is None))
        if separator == "-" or (opens and lists[-1] and (word or after_word)):
            lists.append([])
        if word:
            lists[-1].append(_word(_SHORT.get(word, word) if before_digits else word))
        else:
            lists[-1].append(_NUMBER + number(digits))
        after_word = bool(word)
    return lists


def _word(word: str) -> str:
    word = _ALIASES.get(word, word)
    rank = _WORDS.get(word, _UNKNOWN)
    if rank == _UNKNOWN:
        return _WORD_AFTER + rank + word + END
    return (_WORD_BEFORE if rank < _RELEASE else _WORD_AFTER) + rank


def _trimmed(items: list[str]) -> list[str]:
    kept = len(items)
    while kept and items[kept - 1] in _EMPTY:
        kept -= 1
    return items[:kept]
