"""Foreign text inside Markdown: shown as it is, never obeyed. For GitHub, GitLab and plain CommonMark."""

import html
import re
from typing import Final
from urllib.parse import urlsplit

from scangate.reporters.outline import line

_LONGEST: Final = 2_048
_LINK: Final = re.compile(r"https://[A-Za-z0-9.:-]+(?:[/?#][A-Za-z0-9/?#._~:@!$&'*+,;=%-]*)?")
_PUNCTUATION: Final = re.compile(r"[\\`*\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_STRUCTURE: Final = re.compile(r"^(?:(?=[#+=-])|(\d{1,9})(?=[.)](?:\s|$)))")
"""What would make a heading, a list or a rule of the first word of a line."""
_REFERENCE: Final = re.compile(
    r"(?<=@)(?=\w)|(?<=[#!])(?=\d)|(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=\bGH)(?=-\d)", re.IGNORECASE
)
"""Where a mention, a reference to an issue or a bare link would begin."""
_BREAK: Final = "&#8203;"
"""A space of no width. Mentions are looked for in the finished page, where an escape no longer helps."""


def escape(text: str, limit: int = 1_000) -> str:
    """One line that shows the text: no markup, no HTML, no link, no mention, and no column of a table ends in it."""
    text = _PUNCTUATION.sub(r"\\\g<0>", line(text, limit))
    text = _STRUCTURE.sub(r"\1\\", text)
    text = _REFERENCE.sub(_BREAK, html.escape(text, quote=False))
    return text.replace("$", "&#36;")  # a pair of them would be set as mathematics


def web_link(uri: str) -> str:
    """The link, when it is one that can be followed safely and needs no escaping anywhere; else empty."""
    if len(uri) > _LONGEST or not re.fullmatch(
        r"https://[A-Za-z0-9.:-]+(?:[/?#][A-Za-z0-9/?#._~:@!$&'*+,;=%-]*)?", uri
    ):
        return ""
    try:
        return uri if urlsplit(uri).hostname and urlsplit(uri).port != 0 else ""
    except ValueError:
        return ""
