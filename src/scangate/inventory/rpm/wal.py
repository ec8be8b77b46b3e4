"""The write-ahead log that an SQLite database may have beside it: pages that are newer than those in the file.

It stays behind when the program that wrote it was killed, as in a build that ends right after an installation.
https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

import struct
from typing import Final

from scangate.inventory.rpm.pages import Readable

_MAGIC: Final = frozenset({0x377F0682, 0x377F0683})
_START: Final = struct.Struct(">IIIIII")
"""Magic, version, bytes of a page, number of the checkpoint, two salts; then a checksum."""
_STARTS: Final = 32
_FRAME: Final = struct.Struct(">IIII")
"""Number of the page, pages of the database after a commit (else 0), two salts; then a checksum."""
_FRAMES: Final = 24
_MAX: Final = 64 * 2**20
"""Bytes of a log that is read. SQLite writes it back at 4 MiB."""


def committed(log: Readable, size: int) -> dict[int, bytes]:
    """Return the pages of all finished transactions by number, from 1. Raises ValueError for a log it cannot read."""
    start = log.read(0, _STARTS)
    if len(start) < _STARTS:
        return {}
    magic, _version, page_size, _checkpoint, *salts = _START.unpack_from(start)
    if magic not in _MAGIC or page_size != size:
        return {}  # SQLite, too, takes it for no log
    if log.size > _MAX:
        raise ValueError(f"its write-ahead log has {log.size} bytes: at most {_MAX} are read")
    found: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for at in range(_STARTS, log.size - _FRAMES - size + 1, _FRAMES + size):
        frame = log.read(at, _FRAMES + size)
        number, commit, *same = _FRAME.unpack_from(frame)
        if same != salts or not number:
            break  # left over from before the last time it was written back
        waiting[number] = frame[_FRAMES:]
        if commit:
            found |= waiting
            waiting = {}
    return found
