"""Mach-O: macOS. See <mach-o/loader.h> and <mach-o/fat.h>."""

import struct
from typing import Final

from scangate.inventory.executables import MAX_HEADERS, Layout, Region
from scangate.rootfs.reading import Looked

_FORMS: Final = {
    b"\xcf\xfa\xed\xfe": (True, True),
    b"\xce\xfa\xed\xfe": (True, False),
    b"\xfe\xed\xfa\xcf": (False, True),
    b"\xfe\xed\xfa\xce": (False, False),
}
"""Little-endian, and 64 bits wide."""
_FAT: Final = b"\xca\xfe\xba\xbe"
MAGICS: Final = frozenset({*_FORMS, _FAT})
_MAX_SLICES: Final = 16
"""A class file of Java begins like a file of several processors, with its version, 45 at least, for their number."""
_MAX_COMMANDS: Final = 2**20
_SEGMENT: Final = {False: 1, True: 0x19}
_WRITE: Final = 2


def layouts(file: Looked) -> tuple[Layout, ...]:
    """Return one for each processor."""
    if file.head[:4] != _FAT:
        found = [_slice(file, 0)]
    else:
        count = int.from_bytes(file.head[4:8], "big")
        if count > _MAX_SLICES or len(file.head) < 8 + 20 * count:
            return ()
        found = [_slice(file, struct.unpack_from(">L", file.head, 16 + 20 * each)[0]) for each in range(count)]
    return tuple(each for each in found if each)


def _slice(file: Looked, base: int) -> Layout | None:
    head = file.read(base, 32)
    if len(head) < 32 or head[:4] not in _FORMS:  # noqa: PLR2004 - the size of the header
        return None
    little, wide = _FORMS[head[:4]]
    order = "<" if little else ">"
    count, size = struct.unpack_from(f"{order}2L", head, 16)
    commands = file.read(base + (32 if wide else 28), min(size, _MAX_COMMANDS))
    sections: dict[str, Region] = {}
    segments: list[Region] = []
    at = 0
    for _turn in range(min(count, MAX_HEADERS)):
        if at + 8 > len(commands):
            break
        kind, size = struct.unpack_from(f"{order}2L", commands, at)
        if kind == _SEGMENT[wide]:
            _segment(commands[at : at + size], base, order, sections, segments, wide=wide)
        at += max(size, 8)
    return Layout(sections=sections, segments=tuple(segments), little=little, wide=wide)


def _segment(
    data: bytes, base: int, order: str, sections: dict[str, Region], segments: list[Region], *, wide: bool
) -> None:
    form = struct.Struct(order + ("8x16s4Q4L" if wide else "8x16s4L4L"))
    each = struct.Struct(order + ("16s16s2QL28x" if wide else "16s16s2LL24x"))
    if len(data) < form.size:
        return
    _name, address, _memory, offset, size, _most, protection, count, _flags = form.unpack_from(data)
    writable = bool(protection & _WRITE)
    segments.append(Region(address=address, offset=base + offset, size=size, writable=writable))
    for at in range(
        form.size, min(len(data) - each.size + 1, form.size + each.size * min(count, MAX_HEADERS)), each.size
    ):
        name, _segment_name, place, length, start = each.unpack_from(data, at)
        text = name.rstrip(b"\0").decode("ascii", "replace")
        sections.setdefault(text, Region(address=place, offset=base + start, size=length, writable=writable))
