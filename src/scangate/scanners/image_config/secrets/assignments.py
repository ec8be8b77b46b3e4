"""Names and values as programs and configuration files write them: `DB_PASSWORD=...`, `"token": "..."`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_LINE: Final = 1_000
"""Bytes of a line after what was found that are looked at."""
MAX_NAME: Final = 120
"""Bytes before it: a name, and what stands between it and its value."""
_NAME: Final = r"""(?<!\w)(?P<name>[A-Za-z_][\w.\-]{0,80})["']?"""
_QUOTED: Final = r"""(?P<quote>["'`])(?P<quoted>[^"'`\r\n]{1,500})(?P=quote)"""
_BARE: Final = r"""(?P<bare>[^\s"'`,;(){}\[\]<>|&][^\s"'`;,)}\]<>|&]{0,500})"""
_EITHER: Final = re.compile(
    rf"""(?x) {_NAME} [ \t]{{0,8}} (?: (?<!=)(?: =>|:=|[=:](?![=~]) ) | \)?,(?=[ \t]*["']) ) [ \t]{{0,8}}
    (?: {_QUOTED} | {_BARE} )"""
)
_TAIL: Final = re.compile(r"[ \t]*(?:[,;})\]#]|//|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A name, the value it is given, and where that value starts, in characters of the text."""

    name: str
    value: str
    at: int
    quoted: bool


def assignments(line: str) -> Iterator[Assignment]:
    """Yield what a line assigns. A bare value counts only when nothing but a comment or a bracket follows it."""
    for match in _EITHER.finditer(line):
        if (quoted := match["quoted"]) is not None:
            yield Assignment(name=match["name"], value=quoted, at=match.start("quoted"), quoted=True)
        elif _TAIL.match(line, match.end()) or line[match.end() : match.end() + 1].isspace():
            yield Assignment(name=match["name"], value=match["bare"], at=match.start("bare"), quoted=False)
