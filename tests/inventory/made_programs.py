"""Programs made of nothing but headers and one section or more: constructed, after the formats' specifications."""

import io
import json
import struct
import zlib

PAD = 110_000
"""More bytes than the smallest program that is looked at."""


class Looked:
    """A file as an extractor gets to see it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self.head = data[:4096]

    def find(self, needle: bytes, start: int = 0) -> int:
        return self.data.find(needle, start)

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        return self.data[offset : self.size if size is None else offset + size]

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.data)


def elf(sections: dict[str, bytes], *, wide=True, little=True, named=True, base=0x400000, pad=0) -> bytes:
    """Sections one after the other, all in one writable segment from `base` on; `named` ones have a section table."""
    order = "<" if little else ">"
    header, segment, section = (64, 56, 64) if wide else (52, 32, 40)
    names = b"\0" + b"".join(name.encode() + b"\0" for name in sections) + b".shstrtab\0"
    body, places = b"", []
    start = header + segment + (-(header + segment) % 16)
    for data in sections.values():
        body += b"\0" * (-len(body) % 16)
        places.append((start + len(body), len(data)))
        body += data
    body += b"\0" * pad
    names_at = start + len(body)
    table_at = names_at + len(names)
    rows = [(0, 0, 0, 0, 0, 0)]
    for name, (at, size) in zip(sections, places, strict=True):
        rows.append((names.index(b"\0" + name.encode() + b"\0") + 1, 1, 3, base + at, at, size))
    rows.append((names.index(b".shstrtab"), 3, 0, 0, names_at, len(names)))
    word = "Q" if wide else "L"
    table = b"".join(struct.pack(f"{order}LL{word}{word}{word}{word}", *row).ljust(section, b"\0") for row in rows)
    count = len(rows) if named else 0
    ident = b"\x7fELF" + bytes((2 if wide else 1, 1 if little else 2, 1)) + b"\0" * 9
    fields = (
        2,
        62,
        1,
        base,
        header,
        table_at if named else 0,
        0,
        header,
        segment,
        1,
        section,
        count,
        max(count - 1, 0),
    )
    head = ident + struct.pack(f"{order}HHL{word}{word}{word}LHHHHHH", *fields)
    size = len(body) + start
    if wide:
        load = struct.pack(f"{order}LLQQQQQQ", 1, 6, 0, base, base, size, size, 4096)
    else:
        load = struct.pack(f"{order}LLLLLLLL", 1, 0, base, base, size, size, 6, 4096)
    return (head + load).ljust(start, b"\0") + body + names + (table if named else b"")


def pe(sections: dict[str, bytes], *, pad=0) -> bytes:
    """PE32+, every section writable."""
    optional = struct.pack("<H", 0x20B).ljust(24, b"\0") + struct.pack("<Q", 0x400000)
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<L", 0x40)
    head += struct.pack("<4sHHLLLHH", b"PE\0\0", 0x8664, len(sections), 0, 0, 0, len(optional), 0x22) + optional
    at = 1024
    table, body = b"", b""
    for name, data in sections.items():
        body += b"\0" * (-len(body) % 512)
        table += struct.pack("<8sLLLL12xL", name.encode(), len(data), at + len(body), len(data), at + len(body), 0xC0000040)  # fmt: skip  # noqa: E501
        body += data
    return (head + table).ljust(at, b"\0") + body + b"\0" * pad


def macho(sections: dict[str, bytes], *, pad=0) -> bytes:
    """64 bits, one segment."""
    at = 1024
    table, body = b"", b""
    for name, data in sections.items():
        body += b"\0" * (-len(body) % 16)
        table += struct.pack("<16s16s2QL28x", name.encode(), b"__DATA", 0x1000 + at + len(body), len(data), at + len(body))  # fmt: skip  # noqa: E501
        body += data
    size = 72 + len(table)
    command = struct.pack("<2L16s4Q4L", 0x19, size, b"__DATA", 0x1000, 8192, 0, at + len(body), 3, 3, len(sections), 0)
    head = b"\xcf\xfa\xed\xfe" + struct.pack("<7L", 0x1000007, 3, 2, 1, size, 0, 0)
    return (head + command + table).ljust(at, b"\0") + body + b"\0" * pad


def fat(program: bytes) -> bytes:
    """The same Mach-O program for two processors."""
    second = 4096 + len(program) + (-len(program) % 4096)
    rows = b"".join(struct.pack(">5L", 7, 3, at, len(program), 12) for at in (4096, second))
    return (
        (b"\xca\xfe\xba\xbe" + struct.pack(">L", 2) + rows).ljust(4096, b"\0")
        + program.ljust(second - 4096, b"\0")
        + program
    )


def buildinfo(go: str, listed: str) -> bytes:
    """As Go writes it since 1.18."""
    return b"\xff Go buildinf:\x08\x02".ljust(32, b"\0") + _counted(go.encode()) + _counted(sentinels(listed))


def pointed_buildinfo(go: str, listed: str, *, base: int, at: int, wide=True, little=True) -> bytes:
    """As Go wrote it before: two pointers to texts, each an address and a length. It lies at the offset `at`."""
    size, order = (8 if wide else 4), ("little" if little else "big")
    texts = [go.encode(), sentinels(listed)]
    header = b"\xff Go buildinf:" + bytes((size, 0 if little else 1))
    first = at + 32
    strings = first + 4 * size
    pointers = [first, first + 2 * size]
    header += b"".join((base + each).to_bytes(size, order) for each in pointers)
    heads, body = b"", b""
    for text in texts:
        heads += (base + strings + len(body)).to_bytes(size, order) + len(text).to_bytes(size, order)
        body += text
    return header.ljust(32, b"\0") + heads + body


def sentinels(listed: str) -> bytes:
    return b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6" + listed.encode() + b"\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2" if listed else b""  # fmt: skip  # noqa: E501


def _counted(data: bytes) -> bytes:
    count, length = b"", len(data)
    while length >= 0x80:
        count += bytes((length & 0x7F | 0x80,))
        length >>= 7
    return count + bytes((length,)) + data


def dep_v0(*packages: dict[str, object]) -> bytes:
    """The section of cargo-auditable."""
    return zlib.compress(json.dumps({"packages": packages}).encode())
