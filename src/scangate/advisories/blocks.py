"""Raw records in blocks that are compressed together: a third of what each takes by itself."""

import sqlite3
from typing import Final, Self

import zstandard

SIZE: Final = 2**16
"""Bytes of raw records from which on a block is full."""
_LEVEL: Final = 3
DAMAGED: Final = (zstandard.ZstdError,)


class Blocks:
    """Fills blocks of one export, and says where each record went. Close it: the last block is written then."""

    def __init__(self, connection: sqlite3.Connection, export: str) -> None:
        self._connection, self._export = connection, export
        (row,) = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM block").fetchall()
        self._number = int(row[0])
        self._pending = bytearray()
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_error: object) -> None:
        if kind is None and self._pending:
            self._flush()

    def add(self, raw: bytes) -> tuple[int, int, int]:
        """Give block, start and length."""
        if len(self._pending) > SIZE:
            self._flush()
        start = len(self._pending)
        self._pending += raw
        return self._number, start, len(raw)

    def _flush(self) -> None:
        data = self._compressor.compress(bytes(self._pending))
        self._connection.execute("INSERT INTO block VALUES (?, ?, ?)", (self._number, self._export, data))
        self._number += 1
        self._pending.clear()


def unpack(data: bytes) -> bytes:
    """Give a block's content. Raises one of DAMAGED."""
    return zstandard.ZstdDecompressor().decompress(data)


def wasted(connection: sqlite3.Connection, export: str) -> bool:
    """Is most of what the blocks of an export hold no longer used? Changes leave gaps that only a whole sync closes."""
    (row,) = connection.execute("SELECT COUNT(*) FROM block WHERE export = ?", (export,)).fetchall()
    (used,) = connection.execute("SELECT SUM(length) FROM record WHERE export = ?", (export,)).fetchall()
    return int(row[0]) > 2 * (int(used[0] or 0) // SIZE) + 200
