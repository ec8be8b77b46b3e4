"""The build info that Go's linker writes into every program since 1.13: https://pkg.go.dev/debug/buildinfo.

A header of 32 bytes begins with a magic text and stands in a section of its own. Since 1.18 the version of Go and the
list of modules follow it, each with its length before it; before that the header points at two pointers with lengths.
"""

from dataclasses import dataclass
from typing import Final

from scangate.inventory.executables import Layout, layouts
from scangate.inventory.go.modules import Module, modules
from scangate.rootfs.reading import Looked

_MAGIC: Final = b"\xff Go buildinf:"
_HEADER: Final = 32
_SECTIONS: Final = (".go.buildinfo", "__go_buildinfo")
_SEARCHED: Final = 64 * 2**20
"""Bytes of the first writable segment in which the header is looked for where no section says where it is."""
_INLINE, _BIG = 2, 1
_LONGEST_LIST: Final = 2 * 2**20
_LONGEST_VERSION: Final = 1_000
_SENTINEL: Final = 16
"""Bytes before and after the list, by which it was to be found when nothing else was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildInfo:
    """`path` is that of the main package; `listed` tells whether there is a list of modules at all.

    `bad`: what is wrong with the first of the modules that make no sense.
    """

    go: str
    path: str
    listed: bool
    bad: str
    modules: tuple[Module, ...]


def build_info(file: Looked) -> BuildInfo | None:
    """Read it; None when this is no Go program. Raises ValueError when it is one and makes no sense."""
    for layout in layouts(file):
        if (at := _find(file, layout)) >= 0:
            go, listed = _texts(file, layout, at)
            found = modules(listed)
            return BuildInfo(go=go, path=found.path, listed=bool(found.lines), bad=found.bad, modules=found.modules)
    return None


def _find(file: Looked, layout: Layout) -> int:
    for name in _SECTIONS:
        if (region := layout.sections.get(name)) and file.read(region.offset, len(_MAGIC)) == _MAGIC:
            return region.offset
    for region in layout.segments:
        if region.writable and region.size:
            data = file.read(region.offset, min(region.size, _SEARCHED))
            at = data.find(_MAGIC)
            while at >= 0 and at % _SENTINEL:
                at = data.find(_MAGIC, at + 1)
            return region.offset + at if at >= 0 else -1
    return -1


def _texts(file: Looked, layout: Layout, at: int) -> tuple[str, str]:
    header = file.read(at, _HEADER)
    if len(header) < _HEADER:
        raise ValueError("it ends within its header")
    if header[15] & _INLINE:
        go, after = _inline(file, at + _HEADER, _LONGEST_VERSION)
        listed, _end = _inline(file, after, _LONGEST_LIST)
    else:
        size, order = header[14], "big" if header[15] & _BIG else "little"
        if size not in (4, 8):
            raise ValueError(f"it has pointers of {size} bytes")
        places = [int.from_bytes(header[16 + size * each : 16 + size * (each + 1)], order) for each in (0, 1)]  # type: ignore[arg-type]
        go = _pointed(file, layout, places[0], size, order, _LONGEST_VERSION)
        listed = _pointed(file, layout, places[1], size, order, _LONGEST_LIST) if places[1] else b""
    if not go:
        raise ValueError("it names no version of Go")
    whole = len(listed) > 2 * _SENTINEL and listed[-_SENTINEL - 1] == ord("\n")
    text = listed[_SENTINEL:-_SENTINEL] if whole else b""
    return go.decode(errors="replace"), text.decode(errors="replace")


def _inline(file: Looked, at: int, limit: int) -> tuple[bytes, int]:
    """Read a length, seven bits to the byte and the low ones first, and as many bytes."""
    size = shift = 0
    for number, byte in enumerate(file.read(at, 9)):
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the mark of the last one
            return _bytes(file, at + number + 1, size, limit), at + number + 1 + size
    raise ValueError("a length in it does not end")


def _pointed(file: Looked, layout: Layout, address: int, size: int, order: str, limit: int) -> bytes:
    """Follow the address of a text of Go, which is its own address and its length."""
    place = layout.offset(address)
    text = file.read(place, 2 * size) if place >= 0 else b""
    if len(text) < 2 * size:
        raise ValueError("it points out of the program")
    start = layout.offset(int.from_bytes(text[:size], order))  # type: ignore[arg-type]
    length = int.from_bytes(text[size:], order)  # type: ignore[arg-type]
    if start < 0 and length:
        raise ValueError("it points out of the program")
    return _bytes(file, start, length, limit)


def _bytes(file: Looked, at: int, size: int, limit: int) -> bytes:
    if size > limit:
        raise ValueError(f"a text in it has {size} bytes: at most {limit} are read")
    data = file.read(at, size)
    if len(data) < size:
        raise ValueError("it ends within a text")
    return data
