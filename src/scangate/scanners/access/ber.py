"""The little of BER (X.690) that LDAP and SNMP need: writing short messages, and reading a stranger's."""

from collections.abc import Iterator
from typing import Final

INTEGER: Final = 0x02
OCTETS: Final = 0x04
OID: Final = 0x06
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30
_LONGEST: Final = 2**20
_LONG: Final = 0x80
"""A length from here on says in how many bytes the length follows."""
_BYTES: Final = 4


def tlv(tag: int, *content: bytes) -> bytes:
    """Write one value."""
    body = b"".join(content)
    if len(body) < _LONG:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length + body


def integer(value: int, tag: int = INTEGER) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and content of each value in a row, and stop where one is not whole."""
    at = 0
    while (span := _end(data, at)) is not None and span[1] <= len(data):
        yield data[at], data[span[0] : span[1]]
        at = span[1]


def whole(data: bytes) -> bool:
    """Whether the first value is there to its end, or never will be."""
    end = _end(data, 0)
    if end is None:
        return len(data) > 6  # noqa: PLR2004 - a tag and the longest length that is read
    return len(data) >= end[1]


def path(data: bytes, *steps: int) -> tuple[int, bytes]:
    """Go down: `path(data, 0, 2)` is the third value inside the first. Raises ValueError where there is none."""
    tag, content = 0, data
    for step in steps:
        found = next((each for index, each in enumerate(values(content)) if index == step), None)
        if found is None:
            raise ValueError("cut short, or not BER")
        tag, content = found
    return tag, content


def number(content: bytes) -> int:
    """Read an integer's content; the eight bytes that a protocol of ours could mean."""
    return int.from_bytes(content[:8], "big", signed=True)


def _end(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the content of a value begins and ends, by its own word; None while that cannot be told."""
    if at + 2 > len(data):
        return None
    length, start = data[at + 1], at + 2
    if length >= _LONG:
        size = length & 0x7F
        if not 1 <= size <= _BYTES or start + size > len(data):
            return None
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    return (start, start + length) if length <= _LONGEST else None
