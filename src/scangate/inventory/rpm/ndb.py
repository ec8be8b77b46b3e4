"""RPM's own database, `Packages.db` (SUSE): slots that say where each header lies.

Described by lib/backend/ndb/rpmpkg.c of RPM. All numbers are little-endian.
"""

import struct
from collections.abc import Iterator
from typing import Final

from scangate.inventory.rpm.pages import MAX_HEADER, MAX_HEADERS, Readable

_START: Final = struct.Struct("<4sIII")
"""Magic, version, generation, pages of slots."""
_SLOT: Final = struct.Struct("<4sIII")
"""Magic, number of the package, first block, blocks."""
_BLOB: Final = struct.Struct("<4sIII")
"""Magic, number of the package, time, bytes."""
_END: Final = 12
_PAGE: Final = 4_096
_BLOCK: Final = 16
_HEAD: Final = 32


def headers(file: Readable) -> Iterator[bytes]:
    """Yield each package's header. Raises ValueError where the file is broken."""
    start = file.read(0, _START.size)
    if len(start) < _START.size:
        raise ValueError("it is cut off")
    magic, version, _generation, pages = _START.unpack(start)
    if magic != b"RpmP" or version:
        raise ValueError("it is not a database of this kind")
    if pages * _PAGE > file.size:
        raise ValueError("it is cut off")
    room = file.size
    count = 0
    for page in range(pages):
        data = file.read(page * _PAGE, _PAGE)
        for offset in range(0 if page else _HEAD, len(data) - _SLOT.size + 1, _SLOT.size):
            magic, number, block, blocks = _SLOT.unpack_from(data, offset)
            if magic != b"Slot":
                raise ValueError("a slot is broken")
            if not block:
                continue  # free
            room -= blocks * _BLOCK
            count += 1
            if room < 0 or count > MAX_HEADERS:
                raise ValueError("its slots hold more than the file")
            yield _header(file, number, block, blocks)


def _header(file: Readable, number: int, block: int, blocks: int) -> bytes:
    at = block * _BLOCK
    start = file.read(at, _BLOB.size)
    if len(start) < _BLOB.size:
        raise ValueError("a header is cut off")
    magic, same, _time, size = _BLOB.unpack(start)
    if magic != b"BlbS" or same != number or _BLOB.size + size + _END > blocks * _BLOCK:
        raise ValueError("a slot leads to no header")
    if size > MAX_HEADER:
        raise ValueError(f"a header has {size} bytes: at most {MAX_HEADER} are read")
    data = file.read(at + _BLOB.size, size)
    if len(data) < size:
        raise ValueError("a header is cut off")
    return data
