"""The little of BSON that a question to MongoDB and the top level of its answer need."""

import struct
from collections.abc import Iterator, Mapping
from typing import Final

_SIZES: Final = {0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16}
_SIZED: Final = {0x02: 4, 0x03: 0, 0x04: 0, 0x05: 5, 0x0D: 4, 0x0E: 4}
"""Types that begin with their length, and how much of them that length does not count."""
_FIELDS: Final = 200
Value = str | int | float | bool | bytes


def encode(fields: Mapping[str, str | int | bool]) -> bytes:
    """Write a flat document."""
    body = b"".join(map(_field, fields, fields.values()))
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def decode(data: bytes) -> dict[str, Value]:
    """Read the top level of a document; inner documents and lists stay bytes. What is broken ends it."""
    return dict(_decoded(data))


def _field(name: str, value: str | int | bool) -> bytes:
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes((value,))
    if isinstance(value, int):
        return b"\x10" + key + struct.pack("<i", value)
    text = value.encode() + b"\0"
    return b"\x02" + key + struct.pack("<i", len(text)) + text


def _decoded(data: bytes) -> Iterator[tuple[str, Value]]:
    at = 4
    for _field_number in range(_FIELDS):
        name_end = data.find(b"\0", at + 1, at + 300)
        if at >= len(data) or not data[at] or name_end < 0:
            return
        kind, name, at = data[at], data[at + 1 : name_end].decode("utf-8", "replace"), name_end + 1
        size = _SIZES.get(kind)
        if size is None:
            if kind not in _SIZED or at + 4 > len(data):
                return
            size = int.from_bytes(data[at : at + 4], "little") + _SIZED[kind]
        content, at = data[at : at + size], at + size
        if len(content) < size:
            return
        yield name, _value(kind, content)


def _value(kind: int, content: bytes) -> Value:
    if kind == 0x01:
        return float(struct.unpack("<d", content)[0])
    if kind == 0x02:  # noqa: PLR2004
        return content[4:].rstrip(b"\0").decode("utf-8", "replace")
    if kind == 0x08:  # noqa: PLR2004
        return bool(content[0])
    if kind in (0x10, 0x12):
        return int.from_bytes(content, "little", signed=True)
    return content
