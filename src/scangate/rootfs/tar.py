"""Tar headers, read one after another from a stream: ustar, GNU and pax, as Go's archive/tar reads them.

Own code because most of an image is passed over: tarfile takes several times as long to do that, and gives attackers
more to reach. The format: https://www.gnu.org/software/tar/manual/html_node/Standard.html and POSIX pax.
"""

import zlib
from collections.abc import Iterator
from enum import Enum
from struct import Struct
from typing import Final, NamedTuple

from scangate.errors import ScanError
from scangate.rootfs.limits import CHECK_EVERY, MAX_EXTENSION, MAX_MEMBERS, MAX_PATH
from scangate.rootfs.stream import Stream


class Kind(Enum):
    """What a member is. SPARSE is a file whose data here are not its content; OTHER a device, a fifo or unknown."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "symbolic link"
    HARD_LINK = "hard link"
    SPARSE = "sparse file"
    OTHER = "special file"


class Member(NamedTuple):
    """One entry. `name` and `link` are as written; `size` is that of the data, which begin at `offset`.

    `mode` has the permission bits, and 0 where they cannot be read.
    """

    name: str
    kind: Kind
    size: int
    link: str
    offset: int
    mode: int


_BLOCK: Final = 512
_END: Final = bytes(_BLOCK)
_HEADER: Final = Struct("100s8s16x12s12x8sc100s6s82x155s12x")
_KINDS: Final = {
    b"0": Kind.FILE, b"\0": Kind.FILE, b"7": Kind.FILE, b"5": Kind.FOLDER, b"2": Kind.LINK, b"1": Kind.HARD_LINK,
    b"S": Kind.SPARSE,
}  # fmt: skip
_WITHOUT_DATA: Final = frozenset(b"123456")
_ADLER: Final = 65_521
_NAMES: Final = frozenset({b"path", b"linkpath", b"GNU.sparse.name"})


class _Extension:
    """What the headers before a member say of it: GNU long names and pax records. GNU's outrank, as in Go."""

    def __init__(self) -> None:
        self.name = self.link = ""
        self.records: dict[str, str] = {}


def members(stream: Stream) -> Iterator[Member]:
    """Yield the members. The taker may read up to `size` bytes of the stream before it asks for the next.

    Raises ScanError: cut off, a broken header, a size below zero, over a cap of limits.py.
    """
    extension: _Extension | None = None
    for count in range(MAX_MEMBERS + 1):
        if not count % CHECK_EVERY:
            stream.check()
        if stream.ended():
            return
        if (header := stream.read(_BLOCK)) == _END:
            if not stream.ended() and stream.read(_BLOCK) != _END:
                raise ScanError(f"{stream.what} goes on after its end, at byte {stream.tell() - _BLOCK}")
            return
        fields = _fields(header, stream)
        kind, size = fields[4], _number(fields[2], stream)
        if kind in b"xLKgX":
            extension = extension or _Extension()
            _extend(extension, kind, size, stream)
            continue
        member = _member(fields, size, extension, header, stream)
        extension = None
        yield member
        stream.skip(member.offset + -(-member.size // _BLOCK) * _BLOCK - stream.tell())
    raise ScanError(f"{stream.what} has more than {MAX_MEMBERS} entries")


def _fields(header: bytes, stream: Stream) -> tuple[bytes, ...]:
    fields: tuple[bytes, ...] = _HEADER.unpack(header)
    # The sum of the bytes is what Adler-32 has in its lower half (plus one, modulo 65,521): 20 times as fast as sum().
    # Its own field counts as eight spaces.
    total = (zlib.adler32(header) & 0xFFFF) - 1 - sum(fields[3]) + 8 * 32
    if (stated := _octal(fields[3])) < 0 or (stated - total) % _ADLER:
        raise ScanError(f"{stream.what} has a broken header before byte {stream.tell()}")
    return fields


def _member(
    fields: tuple[bytes, ...], size: int, extension: _Extension | None, header: bytes, stream: Stream
) -> Member:
    raw, mode, _size, _sum, code, target, magic, prefix = fields
    if magic == b"ustar\0" and prefix[0]:
        raw = prefix.partition(b"\0")[0] + b"/" + raw.partition(b"\0")[0]
    name, link = _text(raw), _text(target) if code in b"12" else ""
    kind = _KINDS.get(code, Kind.OTHER)
    if code == b"\0" and name.endswith("/"):  # how tar wrote folders before POSIX
        kind = Kind.FOLDER
    if extension:
        records = extension.records
        name = extension.name or records.get("GNU.sparse.name") or records.get("path") or name
        link = extension.link or records.get("linkpath") or link
        size = _decimal(records["size"], stream) if "size" in records else size
        if kind is Kind.FILE and any(key.startswith("GNU.sparse.") for key in records):
            kind = Kind.SPARSE
    if len(name) > MAX_PATH or len(link) > MAX_PATH:
        raise ScanError(f"{stream.what} has a path of more than {MAX_PATH} characters")
    if code == b"S":
        more = header[482]
        while more:
            more = stream.read(_BLOCK)[504]
    bits = max(0, _octal(mode)) & 0o7777
    return Member(name, kind, 0 if code[0] in _WITHOUT_DATA else size, link, stream.tell(), bits)


def _extend(extension: _Extension, kind: bytes, size: int, stream: Stream) -> None:
    if size > MAX_EXTENSION:
        raise ScanError(f"{stream.what} has an extended header of {size} bytes: {MAX_EXTENSION} are read")
    data = stream.read(size)
    stream.skip(-size % _BLOCK)
    if kind == b"L":
        extension.name = _text(data)
    elif kind == b"K":
        extension.link = _text(data)
    elif kind in b"xX":  # a global one (g) means nothing to the engines
        extension.records |= _records(data, stream)


def _records(data: bytes, stream: Stream) -> dict[str, str]:
    records: dict[str, str] = {}
    at = 0
    while at < len(data):
        length, space, _rest = data[at : at + 20].partition(b" ")
        end = at + int(length) if space and length.isdigit() else 0
        key, equals, value = data[at + len(length) + 1 : end - 1].partition(b"=")
        if end <= at or data[end - 1 : end] != b"\n" or not equals or (key in _NAMES and b"\0" in value):
            raise ScanError(f"{stream.what} has a broken pax header before byte {stream.tell()}")
        records[key.decode(errors="surrogateescape")] = value.decode(errors="surrogateescape")
        at = end
    return records


def _number(field: bytes, stream: Stream) -> int:
    """Octal digits, or base 256 when the first bit is set."""
    value = int.from_bytes(field) - (0x80 << 88) if field[0] & 0x80 else _octal(field)
    if not 0 <= value < 1 << 62:
        raise ScanError(f"{stream.what} has an entry of an impossible size before byte {stream.tell()}")
    return value


def _octal(field: bytes) -> int:
    digits = field.rstrip(b" \0")
    if not digits.isdigit():
        digits = digits.lstrip(b" ").partition(b"\0")[0].rstrip(b" ")
    try:
        return int(digits, 8) if digits.isdigit() else -bool(digits)
    except ValueError:  # an 8 or a 9
        return -1


def _decimal(text: str, stream: Stream) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 18:  # noqa: PLR2004 - below 2**62
        raise ScanError(f"{stream.what} has an entry of an impossible size before byte {stream.tell()}")
    return int(text)


def _text(raw: bytes) -> str:
    """Names need not be UTF-8: other bytes are kept as surrogates, so that different names stay different."""
    return raw.partition(b"\0")[0].decode(errors="surrogateescape")
