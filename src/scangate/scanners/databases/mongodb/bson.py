"""BSON (bsonspec.org), as far as commands and their answers go. Lengths are never believed beyond what is there."""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

from scangate.scanners.databases.conversation import NotSpokenError

DEEPEST: Final = 30
MOST: Final = 50_000
"""Fields of one answer."""
Value = str | int | float | bool | bytes | None | dict[str, "Value"] | list["Value"]
Given = str | int | bool | bytes | Mapping[str, str | int]
"""What our own commands hold."""
_FIXED: Final = {0x06: 0, 0x07: 12, 0x09: 8, 0x0A: 0, 0x11: 8, 0x13: 16, 0x7F: 0, 0xFF: 0}
"""Types of which only the length matters here: ids, dates, timestamps, decimals."""


def encode(document: Mapping[str, Given] | Mapping[str, str | int]) -> bytes:
    """Write a document of our own."""
    body = b"".join(_element(name.encode() + b"\0", value) for name, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def decode(data: bytes) -> dict[str, Value]:
    """Read one document. Raises NotSpokenError for what is none."""
    reader = _Reader(data)
    try:
        return reader.document(0)
    except (struct.error, IndexError, ValueError):
        raise NotSpokenError("its answer is no BSON document") from None


def _element(key: bytes, value: Given) -> bytes:
    if isinstance(value, bool):
        return b"\x08" + key + bytes((value,))
    if isinstance(value, int):
        return b"\x10" + key + struct.pack("<i", value)
    if isinstance(value, bytes):
        return b"\x05" + key + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, Mapping):
        return b"\x03" + key + encode(value)
    text = value.encode() + b"\0"
    return b"\x02" + key + struct.pack("<i", len(text)) + text


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._fields = 0

    def document(self, depth: int) -> dict[str, Value]:
        if depth > DEEPEST:
            raise ValueError
        end = self._at + self._number("<i")
        if not self._at < end <= len(self._data):
            raise ValueError
        found: dict[str, Value] = {}
        while kind := self._take(1)[0]:
            self._fields += 1
            if self._at >= end or self._fields > MOST:
                raise ValueError
            name = self._name()
            found[name] = self._value(kind, depth)
        if self._at != end:
            raise ValueError
        return found

    def _value(self, kind: int, depth: int) -> Value:  # noqa: C901, PLR0911 - one for each type of the specification
        match kind:
            case 0x01:
                return float(struct.unpack("<d", self._take(8))[0])
            case 0x02 | 0x0D | 0x0E:
                return self._take(self._number("<i")).removesuffix(b"\0").decode("utf-8", "replace")
            case 0x03:
                return self.document(depth + 1)
            case 0x04:
                return list(self.document(depth + 1).values())
            case 0x05:
                size = self._number("<i")
                self._take(1)
                return self._take(size)
            case 0x08:
                return self._take(1) != b"\0"
            case 0x0B:
                self._name()
                self._name()
                return None
            case 0x10:
                return self._number("<i")
            case 0x12:
                return self._number("<q")
        if kind not in _FIXED:
            raise ValueError
        self._take(_FIXED[kind])
        return None

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if count < 0 or len(taken) < count:
            raise ValueError
        self._at += count
        return taken

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def _name(self) -> str:
        end = self._data.index(b"\0", self._at)
        name = self._data[self._at : end]
        self._at = end + 1
        return name.decode("utf-8", "replace")


def at(document: Value, *path: str) -> Value:
    """Follow names into a document; None where there is nothing."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def documents(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else ()
