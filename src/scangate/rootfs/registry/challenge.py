"""What a registry wants to be shown: the WWW-Authenticate header.

https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1, https://distribution.github.io/distribution/spec/auth/token/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_LONGEST: Final = 8192
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ITEM: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+', re.DOTALL)
_SCHEME: Final = re.compile(rf"({_WORD})(?:\s+(.*))?", re.DOTALL)
_PARAMETER: Final = re.compile(rf'({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One way to be let in. `scheme` and the names of parameters are in lower case."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Read the header; what cannot be understood of it is left out."""
    found: list[Challenge] = []
    for item in _items(header[:_LONGEST]):
        parameter = _PARAMETER.fullmatch(item)
        if not parameter:
            match = _SCHEME.fullmatch(item)
            if not match:
                continue
            found.append(Challenge(scheme=match[1].lower()))
            parameter = _PARAMETER.fullmatch((match[2] or "").strip())
        if parameter and found:
            name, quoted, plain = parameter.groups()
            found[-1].parameters.setdefault(
                name.lower(), plain or re.sub(r"\\(.)", r"\1", quoted or "", flags=re.DOTALL)
            )
    return tuple(found)


def _items(header: str) -> Iterator[str]:
    """Split at commas that are not within quotes."""
    for match in _ITEM.finditer(header):
        if item := match[0].strip():
            yield item
