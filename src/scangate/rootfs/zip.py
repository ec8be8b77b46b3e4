"""Zip archives out of an image: hostile ones too. Only the names that are asked for are kept, and their bytes counted.

Read here and not by `zipfile`, which makes an object of every entry, believes sizes and reads without a budget. See
docs/decisions/0007. The central directory is what counts, as it does for Java and Python; bytes before the archive
(a shell script, a loader) are allowed, as they are for both. Of entries of one name, all are given.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from scangate.rootfs.zip_directory import MOST, ZipError, directory, part

MAX_ENTRIES: Final = 1_000_000
"""Entries looked at, of an archive and of all archives in it together."""
MAX_UNPACKED: Final = 2**30
"""Bytes unpacked of an archive and of all archives in it together. Overlapping entries count each time."""
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_ENCRYPTED: Final = 0x2041
_STORED, _DEFLATED = 0, 8
_BLOCK: Final = 2**16


class Budget:
    """What may still be spent on one archive and those inside it."""

    def __init__(self, unpacked: int = MAX_UNPACKED, entries: int = MAX_ENTRIES) -> None:
        self._unpacked = unpacked
        self._entries = entries

    def entry(self) -> None:
        self._entries -= 1
        if self._entries < 0:
            raise ZipError("it has too many entries")

    def unpack(self, size: int) -> None:
        self._unpacked -= size
        if self._unpacked < 0:
            raise ZipError("it unpacks to too much")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file in the archive. `size` is what the archive says; `offset` is that of its local header."""

    name: str
    size: int
    packed: int
    crc: int
    offset: int
    method: int
    encrypted: bool


class Zip:
    """One archive. Raises ZipError when it is none, or not a whole one."""

    def __init__(self, file: IO[bytes], budget: Budget | None = None) -> None:
        self._file = file
        self._budget = budget or Budget()
        self._directory, self._base = directory(file)

    def entries(self, wanted: Callable[[bytes], bool]) -> Iterator[Entry]:
        """Yield the files whose name, still in bytes, is wanted."""
        data, at, end = self._directory, 0, len(self._directory)
        head, unpack, spend = _ENTRY.size, _ENTRY.unpack_from, self._budget.entry
        while at + head <= end:
            fields = unpack(data, at)
            if fields[0] != b"PK\x01\x02":
                break
            spend()
            first = at + head
            last = first + fields[10]
            name = data[first:last]
            at = last + fields[11] + fields[12]
            if wanted(name):
                yield _entry(name, fields, data[last : last + fields[11]], self._base)
        if at != end and data[at : at + 4] != b"PK\x05\x05":  # that is a signature of the directory
            raise ZipError("its central directory is damaged")

    def read(self, entry: Entry, limit: int) -> bytes:
        """Unpack one file of at most `limit` bytes. Raises ZipError when it is larger, damaged or encrypted."""
        data = self.head(entry, limit + 1)
        if len(data) > limit:
            raise ZipError(f"{entry.name[:200]} in it is larger than {limit} bytes")
        if len(data) != entry.size or zlib.crc32(data) != entry.crc:
            raise ZipError(f"{entry.name[:200]} in it is damaged")
        return data

    def head(self, entry: Entry, limit: int) -> bytes:
        """Unpack the first `limit` bytes of one file, or all when it has fewer."""
        if entry.encrypted:
            raise ZipError(f"{entry.name[:200]} in it is encrypted")
        if entry.method not in (_STORED, _DEFLATED):
            raise ZipError(f"{entry.name[:200]} in it is compressed by method {entry.method}, which is not read")
        header = self._at(entry.offset, _LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise ZipError(f"{entry.name[:200]} in it is damaged")
        *_fields, name, extra = _LOCAL.unpack(header)
        start = entry.offset + _LOCAL.size + name + extra
        if entry.method == _STORED:
            data = self._at(start, min(entry.packed, limit))
            self._budget.unpack(len(data))
            return data
        return self._inflated(entry, start, limit)

    def _inflated(self, entry: Entry, start: int, limit: int) -> bytes:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        parts: list[bytes] = []
        at, end, left, pending = start, start + entry.packed, limit, b""
        try:
            while left and not inflater.eof:
                if not pending:
                    pending = self._at(at, max(0, min(_BLOCK, end - at)))
                    at += len(pending)
                part = inflater.decompress(pending, min(left, _BLOCK))
                if not part and not pending:
                    break
                pending = inflater.unconsumed_tail
                self._budget.unpack(len(part))
                parts.append(part)
                left -= len(part)
        except zlib.error:
            raise ZipError(f"{entry.name[:200]} in it is damaged") from None
        return b"".join(parts)

    def _at(self, offset: int, size: int) -> bytes:
        return part(self._file, offset, size)


def _entry(name: bytes, fields: tuple[int, ...], extra: bytes, base: int) -> Entry:
    size, packed, offset = fields[9], fields[8], fields[16]
    at = 0
    while MOST in (size, packed, offset) and at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:  # zip64: those that did not fit, in this order
            data = extra[at + 4 : at + 4 + length]
            large = iter(struct.unpack_from(f"<{len(data) // 8}Q", data))
            size, packed, offset = (next(large, each) if each == MOST else each for each in (size, packed, offset))
        at += 4 + length
    return Entry(
        name=name.decode("utf-8", "replace"),
        size=size,
        packed=packed,
        crc=fields[7],
        offset=base + offset,
        method=fields[4],
        encrypted=bool(fields[3] & _ENCRYPTED),
    )
