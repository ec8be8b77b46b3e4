"""The table `Packages` of an SQLite file, `rpmdb.sqlite` (RHEL 9, Fedora, Amazon Linux 2023).

Read page by page, so that memory stays small and nothing that the file says is run; what lies in the write-ahead log
beside it counts as SQLite has it. https://www.sqlite.org/fileformat2.html
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from scangate.inventory.rpm.pages import MAX_HEADER, MAX_HEADERS, Pages, Readable
from scangate.inventory.rpm.wal import committed

_MAGIC: Final = b"SQLite format 3\0"
_START: Final = 100
_TABLE: Final = "Packages"
_SIZES: Final = frozenset(2**power for power in range(9, 17))
_LEAF: Final = 0x0D
_INNER: Final = 0x05
_NUMBERS: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
"""Bytes of a column by its type; from 12 on it is a blob, or from 13 a text."""
_ONE: Final = 9
"""The type of a column that is the number 1, and has no bytes."""
_COLUMNS: Final = 8
"""Columns of a record that are looked at."""
_CELL: Final = 4
"""Bytes of a record besides its own, at least: where it lies, its length and its number."""
_MAX_SCHEMA: Final = 2**20
_VARINT: Final = 9


class _Tables:
    """Pages as SQLite counts them, from 1."""

    def __init__(self, file: Readable, size: int, reserved: int, log: Mapping[int, bytes]) -> None:
        self._pages = Pages(file, size, {number - 1: page for number, page in log.items()})
        self._most = self._pages.count + len(log)
        self._room = file.size + sum(map(len, log.values()))
        self.usable = size - reserved

    def page(self, number: int) -> bytes:
        return self._pages.take(number - 1)

    def records(self, root: int, limit: int) -> Iterator[tuple[bytes, int, int]]:
        """Yield the head of each record of a table's tree with its size and its first overflow page."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            page = self.page(number)
            at = _START if number == 1 else 0
            kind, cells = page[at], int.from_bytes(page[at + 3 : at + 5])
            first = at + (12 if kind == _INNER else 8)
            if kind not in {_INNER, _LEAF} or first + 2 * cells > len(page):
                raise ValueError("a page of the table is broken")
            offsets = struct.unpack_from(f">{cells}H", page, first)
            if kind == _LEAF:
                yield from (self._cell(page, offset, limit) for offset in offsets)
                continue
            children = [int.from_bytes(page[offset : offset + 4]) for offset in offsets]
            waiting += [int.from_bytes(page[at + 8 : at + 12]), *reversed(children)]
            if len(waiting) > self._most:
                raise ValueError("its pages lead round and round")

    def whole(self, head: bytes, size: int, number: int) -> bytes:
        """Return a record, most of which may lie on overflow pages."""
        parts = [head]
        left = size - len(head)
        while left > 0:
            page = self.page(number)
            number = int.from_bytes(page[:4])
            parts.append(page[4 : self.usable][:left])
            left -= len(parts[-1])
        return b"".join(parts)

    def _cell(self, page: bytes, at: int, limit: int) -> tuple[bytes, int, int]:
        size, at = _varint(page, at)
        _row, at = _varint(page, at)
        if size > limit:
            raise ValueError(f"a record has {size} bytes: at most {limit} are read")
        self._room -= size + _CELL
        if self._room < 0:
            raise ValueError("its records are larger than the file")
        most = self.usable - 35
        if size <= most:
            return page[at : at + size], size, 0
        least = (self.usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (self.usable - 4)
        local = local if local <= most else least
        return page[at : at + local], size, int.from_bytes(page[at + local : at + local + 4])


def headers(file: Readable, log: Readable | None = None) -> Iterator[bytes]:
    """Yield each package's header. `log` is the write-ahead log. Raises ValueError where the file is broken."""
    start = file.read(0, _START)
    if len(start) < _START or not start.startswith(_MAGIC):
        raise ValueError("it is not an SQLite database")
    size = int.from_bytes(start[16:18])
    size = 2**16 if size == 1 else size
    if size not in _SIZES or size - start[20] < 480:  # noqa: PLR2004 - the least that SQLite allows
        raise ValueError(f"its pages have {size} bytes")
    tables = _Tables(file, size, start[20], committed(log, size) if log else {})
    root = next((root for name, root in _schema(tables) if name == _TABLE), 0)
    if not root:
        raise ValueError(f"it has no table {_TABLE}")
    for count, (head, length, more) in enumerate(tables.records(root, MAX_HEADER)):
        if count == MAX_HEADERS:
            raise ValueError(f"it has more than {MAX_HEADERS} packages")
        record = tables.whole(head, length, more)
        _number, header = (*_columns(record), b"", b"")[:2]
        yield header


def _schema(tables: _Tables) -> Iterator[tuple[str, int]]:
    for head, length, more in tables.records(1, _MAX_SCHEMA):
        columns = _columns(tables.whole(head, length, more))
        if len(columns) > 3 and columns[0] == b"table":  # noqa: PLR2004 - type, name, table, first page
            yield columns[1].decode(errors="replace"), int.from_bytes(columns[3])


def _columns(record: bytes) -> list[bytes]:
    """Take a record apart. Numbers stay bytes."""
    end, at = _varint(record, 0)
    data = end
    found: list[bytes] = []
    while at < min(end, len(record)) and len(found) < _COLUMNS:
        kind, at = _varint(record, at)
        size = (kind - 12) // 2 if kind >= len(_NUMBERS) + 2 else _NUMBERS[kind] if kind < len(_NUMBERS) else 0
        if data + size > len(record):
            raise ValueError("a record is broken")
        found.append(b"\1" if kind == _ONE else record[data : data + size])
        data += size
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(at, min(at + _VARINT, len(data))):
        byte = data[index]
        if index == at + _VARINT - 1:
            return value << 8 | byte, index + 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 - the high bit says that more follows
            return value, index + 1
    raise ValueError("a number is cut off")
