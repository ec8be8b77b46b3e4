"""The one place where text from outside enters the model: made printable, free of secrets, and bounded.

Banners, reports, package metadata and advisories come from attackers. After this, no reporter can be made to emit
a terminal escape, a hidden direction change or a lone surrogate. What its own format needs escaped is each
reporter's work.
"""

import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar, cast

LIMIT: Final = 4_000
"""Characters kept of one text; GitHub and GitLab take 1,024 of the longest they show."""
ITEMS: Final = 200
"""Entries kept of one tuple of texts inside a finding."""
MASK: Final = "[redacted]"

_SECRETS: Final = re.compile(
    r"""(?x)
    (?P<url>(?<=://)[^/\s:@]{1,200}:[^/\s@]{1,200}(?=@))            # user:password@ in a URL
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                                 # AWS access key id
    | \bgh[pousr]_[A-Za-z0-9]{36,255}\b | \bgithub_pat_\w{22,255}\b # GitHub
    | \bglpat-[\w-]{20,64}\b                                        # GitLab
    | \bxox[abprs]-[\w-]{10,250}\b                                  # Slack
    | \beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,2000}        # JWT
    | -----BEGIN[ ](?:\w{1,20}[ ]){0,3}PRIVATE[ ]KEY-----[\s\S]{0,8000}?(?:-----END[^-]{1,60}-----|\Z)
    """
)
_KEPT: Final = frozenset("\n\t")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

T = TypeVar("T")


def clean(text: str, limit: int = LIMIT) -> str:
    """Make foreign text safe to keep: control, format and surrogate characters become U+FFFD, secrets are masked."""
    # Twice the limit is read, so that a secret across the cut is still recognised.
    text = text[: limit * 2]
    if not text.isascii() or not text.isprintable():
        text = "".join(map(_visible, text.replace("\r\n", "\n")))
    text = _SECRETS.sub(MASK, text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_all(item: T) -> T:
    """Clean every text inside a dataclass of the model, however deep."""
    return cast("T", _walk(item))


def _visible(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return "\N{REPLACEMENT CHARACTER}"


def _walk(value: Any) -> Any:
    if type(value) is str:  # not StrEnum: its members are ours
        return clean(value)
    if type(value) is tuple:
        return tuple(map(_walk, value[:ITEMS]))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: new
            for each in fields(value)
            if each.init and (new := _walk(old := getattr(value, each.name))) is not old and new != old
        }
        return replace(value, **changed) if changed else value
    return value
