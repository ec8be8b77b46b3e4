"""The one place where text from outside enters the model: made printable, free of secrets, and bounded.

Banners, reports, package metadata and advisories come from attackers. After this, no reporter can be made to emit
a terminal escape, a hidden direction change or a lone surrogate. What its own format needs escaped is each
reporter's work.
"""

import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, cast

LIMIT: Final = 4_000
"""Characters kept of one text; GitHub and GitLab take 1,024 of the longest they show."""
ITEMS: Final = 200
"""Entries kept of one tuple of texts inside a finding."""
MASK: Final = "[redacted]"

_SECRETS: Final = re.compile(
    r"""(?x)
    (?<=://)[^/\s:@]{1,200}:[^/\s@]{1,200}(?=@)                             # user:password@ in a URL
    | (?<![A-Za-z0-9])(?:
        (?:AKIA|ASIA)[0-9A-Z]{16}\b                                         # AWS access key id
        | gh[pousr]_[A-Za-z0-9]{36,255}\b | github_pat_\w{22,255}\b         # GitHub
        | glpat-[\w-]{20,64}\b                                              # GitLab
        | xox[abprs]-[\w-]{10,250}\b                                        # Slack
        | eyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,2000}              # JWT
    )
    | -----BEGIN[ ](?:\w{1,20}[ ]){0,3}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----      # also one that never ends
      (?:(?!-----END)[\s\S]){0,8000}(?:-----END[^-]{1,60}-----)?
    """
)
_HINTS: Final = (
    "@",
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "eyJ",
    "KEY",
)
"""Every secret above holds one of these; looking for them first is ten times as fast."""
_LONGEST: Final = 8_200
"""Characters of the longest secret that is recognised."""
_STYLE: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""A colour or a movement of the cursor, as terminals know it."""
_KEPT: Final = frozenset("\n\t")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

T = TypeVar("T")


def clean(text: str, limit: int = LIMIT) -> str:
    """Make foreign text safe to keep: control, format and surrogate characters become U+FFFD, secrets are masked.

    Of a text that is too long, what stands before the limit is kept; idempotent.
    """
    # More than the limit is read, so that a secret across the cut is still recognised as one.
    read = text[: limit + _LONGEST]
    if not read.isascii() or not read.isprintable():
        read = "".join(map(_visible, _STYLE.sub("\N{REPLACEMENT CHARACTER}", read.replace("\r\n", "\n"))))
    if not any(hint in read for hint in _HINTS):
        return _cut(read, limit)
    kept = _cut(_masked(read, limit), limit)
    # A cut can leave something that looks like a secret, and a mask can be longer than what it hides.
    while (again := _cut(_SECRETS.sub(MASK, kept), limit)) != kept:
        kept = again
    return kept


def clean_all(item: T) -> T:
    """Clean every text inside a dataclass of the model, however deep."""
    return cast("T", _walk(item))


def _masked(text: str, limit: int) -> str:
    """What stands before the limit, with every secret masked that begins there, wherever it ends."""
    pieces, end = [], 0
    for match in _SECRETS.finditer(text):
        if match.start() >= limit:
            break
        pieces += [text[end : match.start()], MASK]
        end = match.end()
    return "".join((*pieces, text[end:limit], "…" if len(text) > max(end, limit) else ""))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _visible(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return "\N{REPLACEMENT CHARACTER}"


def _walk(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):  # the members of enumerations are ours
        return clean(value)
    if isinstance(value, tuple):
        return tuple(map(_walk, value[:ITEMS]))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            name: new
            for name in _names(type(value))
            if (new := _walk(old := getattr(value, name))) is not old and new != old
        }
        return replace(value, **changed) if changed else value
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.init)
