"""Where a zip archive's central directory is: at its end, wherever that is."""

import struct
from typing import IO, Final

MAX_DIRECTORY: Final = 128 * 2**20
"""Bytes of a central directory."""
MOST: Final = 0xFFFFFFFF
"""In the place of a number of 32 bits: the number is elsewhere, in 64."""
_MOST_SHORT: Final = 0xFFFF
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_SIGNATURE: Final = b"PK\x05\x06"


class ZipError(ValueError):
    """The archive, or one entry of it, cannot be read. Its text says why, and fits behind the path in a gap."""


def part(file: IO[bytes], offset: int, size: int) -> bytes:
    """Read some bytes, as many as there are. Offsets come from the archive and may be anywhere."""
    if offset < 0 or offset >= 2**62 or size <= 0:
        return b""
    file.seek(offset)
    return file.read(size)


def directory(file: IO[bytes]) -> tuple[bytes, int]:
    """Return the central directory, and how many bytes there are before the archive."""
    size = file.seek(0, 2)
    tail_at = max(0, size - _END.size - _MOST_SHORT)
    tail = part(file, tail_at, size - tail_at)
    at = _end_of_directory(tail)
    if at < 0:
        raise ZipError("it is not a zip archive")
    _sign, disk, _first, _here, count, length, offset, _comment = _END.unpack_from(tail, at)
    end = tail_at + at
    if _MOST_SHORT in (disk, count) or MOST in (length, offset):
        end, length, offset = _zip64(file, end, length, offset)
    start = end - length
    if length > MAX_DIRECTORY:
        raise ZipError(f"its central directory has {length} bytes: at most {MAX_DIRECTORY} are read")
    if start < 0 or start < offset:
        raise ZipError("its central directory is not where it should be")
    return part(file, start, length), start - offset


def _zip64(file: IO[bytes], end: int, length: int, offset: int) -> tuple[int, int, int]:
    locator = part(file, end - _LOCATOR.size, _LOCATOR.size)
    if len(locator) < _LOCATOR.size or locator[:4] != b"PK\x06\x07":
        return end, length, offset
    # Where the locator says it is, or, with bytes before the archive, right before the locator.
    for at in (_LOCATOR.unpack(locator)[2], end - _LOCATOR.size - _END_64.size):
        record = part(file, at, _END_64.size)
        if len(record) == _END_64.size and record[:4] == b"PK\x06\x06":
            *_others, length, offset = _END_64.unpack(record)
            return at, length, offset
    raise ZipError("its zip64 directory is not where it should be")


def _end_of_directory(tail: bytes) -> int:
    """Find the last end record that ends where the file does; or else, with bytes after it, the last one there is."""
    last = at = tail.rfind(_SIGNATURE, 0, max(0, len(tail) - _END.size + len(_SIGNATURE)))
    while at >= 0:
        if at + _END.size + _END.unpack_from(tail, at)[7] == len(tail):
            return at
        at = tail.rfind(_SIGNATURE, 0, at)
    return last
