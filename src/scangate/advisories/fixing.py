"""Whether a fix is out, to come, or never will be: in the words of whoever publishes the package.

The words are those of Debian's tracker (`urgency`), Red Hat's VEX and Ubuntu's tracker, wherever a database puts them.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

_PLACES: Final = ("ecosystem_specific", "database_specific")
_KEYS: Final = ("fix_state", "fix-state", "fixState", "fix_status", "state", "status", "resolution", "urgency")
_NEVER: Final = frozenset(
    {
        "end of life",
        "end of standard support",
        "eol",
        "ignored",
        "no fix planned",
        "none planned",
        "out of support scope",
        "unimportant",
        "will not fix",
        "wont fix",
        "wontfix",
    }
)
"""All else is to come, `fix deferred` and `affected` among it: nobody has said no."""
_BETWEEN: Final = re.compile(r"[\s_-]+")


class FixState(StrEnum):
    """What can be done about a vulnerability of a package by upgrading it."""

    FIXED = "fixed"
    NOT_FIXED = "not fixed"
    WILL_NOT_FIX = "will not fix"


def is_refused(holder: Mapping[str, Any]) -> bool:
    """Tell whether a record, or one of its affected entries, says that no fix is to come."""
    return any(_BETWEEN.sub(" ", word).replace("'", "").strip().lower() in _NEVER for word in _words(holder))


def _words(holder: Mapping[str, Any]) -> Iterator[str]:
    for place in _PLACES:
        specific = holder.get(place)
        if isinstance(specific, dict):
            yield from (word[:80] for key in _KEYS if isinstance(word := specific.get(key), str))
