"""Where things are in an executable: ELF, PE and Mach-O. Enough to find a section by name and a byte by its address."""

from dataclasses import dataclass
from typing import Final

from scangate.rootfs.reading import Looked

MAX_HEADERS: Final = 4_096
"""Sections, segments or load commands that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Bytes of the file, and the address they are loaded to."""

    address: int
    offset: int
    size: int
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`sections` by name, the first of each; `segments` are what is loaded."""

    sections: dict[str, Region]
    segments: tuple[Region, ...]
    little: bool
    wide: bool

    def offset(self, address: int) -> int:
        """Return where in the file the byte of this address is, -1 when it is not there."""
        for each in self.segments:
            if each.address <= address < each.address + each.size:
                return each.offset + address - each.address
        return -1


def layouts(file: Looked) -> tuple[Layout, ...]:
    """Read the headers; several for a Mach-O file of several processors, none for what is no executable."""
    from scangate.inventory.executables import elf, macho, pe

    head = file.head
    if head.startswith(elf.MAGIC):
        return elf.layouts(file)
    if head.startswith(pe.MAGIC):
        return pe.layouts(file)
    return macho.layouts(file) if head[:4] in macho.MAGICS else ()


def recognised(head: bytes) -> bool:
    """Tell whether this begins an executable of one of the formats."""
    from scangate.inventory.executables import elf, macho, pe

    return head.startswith((elf.MAGIC, pe.MAGIC)) or head[:4] in macho.MAGICS
