"""PE: Windows. https://learn.microsoft.com/windows/win32/debug/pe-format."""

import struct
from typing import Final

from scangate.inventory.executables import MAX_HEADERS, Layout, Region
from scangate.rootfs.reading import Looked

MAGIC: Final = b"MZ"
_PLACE: Final = 0x3C
_FILE: Final = struct.Struct("<4sHHLLLHH")
_SECTION: Final = struct.Struct("<8sLLLL12xL")
_WIDE: Final = 0x20B
_WRITE: Final = 0x80000000


def layouts(file: Looked) -> tuple[Layout, ...]:
    """Return the one there is; none for a program of DOS."""
    head = file.head
    if len(head) < _PLACE + 4:
        return ()
    at = struct.unpack_from("<L", head, _PLACE)[0]
    data = head[at : at + _FILE.size + 32]
    if len(data) < _FILE.size + 32 or data[:4] != b"PE\0\0":
        return ()
    _sign, _machine, count, _time, _symbols, _count, optional, _flags = _FILE.unpack_from(data)
    wide = struct.unpack_from("<H", data, _FILE.size)[0] == _WIDE
    base = struct.unpack_from("<Q", data, _FILE.size + 24)[0] if wide else struct.unpack_from("<L", data, _FILE.size + 28)[0]  # fmt: skip  # noqa: E501
    table = file.read(at + _FILE.size + optional, min(count, MAX_HEADERS) * _SECTION.size)
    sections: dict[str, Region] = {}
    segments: list[Region] = []
    for start in range(0, len(table) - _SECTION.size + 1, _SECTION.size):
        name, virtual, address, size, offset, flags = _SECTION.unpack_from(table, start)
        region = Region(address=base + address, offset=offset, size=size, writable=bool(flags & _WRITE))
        # The file's part is padded to the alignment of files: what is meant is no longer than in memory.
        shorter = Region(address=base + address, offset=offset, size=min(size, virtual or size))
        sections.setdefault(name.rstrip(b"\0").decode("ascii", "replace"), shorter)
        segments.append(region)
    return (Layout(sections=sections, segments=tuple(segments), little=True, wide=wide),)
