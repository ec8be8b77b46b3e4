"""ELF: Linux and the BSDs. See elf(5)."""

import struct
from typing import Final

from scangate.inventory.executables import MAX_HEADERS, Layout, Region
from scangate.rootfs.reading import Looked

MAGIC: Final = b"\x7fELF"
_IDENT: Final = 16
_NAMES: Final = 2**20
_LOAD: Final = 1
_NO_BITS: Final = 8
_WRITE: Final = 2
# type, then of the header: phoff, shoff, phentsize, phnum, shentsize, shnum, shstrndx
_HEADERS: Final = {False: "HHLLLLLHHHHHH", True: "HHLQQQLHHHHHH"}
_SECTIONS: Final = {False: "LLLLLL", True: "LLQQQQ"}
_SEGMENTS: Final = {False: "LLLLLLL", True: "LLQQQQ"}


def layouts(file: Looked) -> tuple[Layout, ...]:
    """Return the one there is."""
    head = file.head
    if len(head) < _IDENT or head[4] not in (1, 2) or head[5] not in (1, 2):
        return ()
    wide, little = head[4] == 2, head[5] == 1  # noqa: PLR2004 - the specification's
    order = "<" if little else ">"
    form = struct.Struct(order + _HEADERS[wide])
    if len(head) < _IDENT + form.size:
        return ()
    fields = form.unpack_from(head, _IDENT)
    phoff, shoff, phentsize, phnum, shentsize, shnum, names = *fields[4:6], *fields[8:]
    segments = _segments(file, phoff, phentsize, phnum, order=order, wide=wide)
    sections = _sections(file, shoff, shentsize, shnum, names, order=order, wide=wide)
    return (Layout(sections=sections, segments=segments, little=little, wide=wide),)


def _segments(file: Looked, at: int, step: int, count: int, *, order: str, wide: bool) -> tuple[Region, ...]:
    found = []
    for fields in _table(file, at, step, count, order + _SEGMENTS[wide]):
        if wide:
            kind, flags, offset, address, _physical, size = fields
        else:
            kind, offset, address, _physical, size, _memory, flags = fields
        if kind == _LOAD:
            found.append(Region(address=address, offset=offset, size=size, writable=bool(flags & _WRITE)))
    return tuple(found)


def _sections(
    file: Looked, at: int, step: int, count: int, names_at: int, *, order: str, wide: bool
) -> dict[str, Region]:
    table = _table(file, at, step, count, order + _SECTIONS[wide])
    if names_at >= len(table):
        return {}
    names = file.read(table[names_at][4], min(table[names_at][5], _NAMES))
    found: dict[str, Region] = {}
    for name_at, kind, flags, address, offset, size in table:
        if kind and kind != _NO_BITS:
            name = names[name_at : name_at + 64].partition(b"\0")[0].decode("ascii", "replace")
            found.setdefault(name, Region(address=address, offset=offset, size=size, writable=bool(flags & 1)))
    return found


def _table(file: Looked, at: int, step: int, count: int, form: str) -> list[tuple[int, ...]]:
    entry = struct.Struct(form)
    if not at or step < entry.size or count > MAX_HEADERS or at > file.size:
        return []
    end = at + step * count
    data = file.head[at:end] if end <= len(file.head) else file.read(at, step * count)
    return [entry.unpack_from(data, start) for start in range(0, len(data) - step + 1, step)]
