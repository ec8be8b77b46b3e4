"""The two forms of a bundle: .zip, and .tar.zst in the plain ustar form that every tar reads.

Only what we write is read: a member of another kind than a file is refused. Sizes come from the manifest, so that no
header is believed.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import zstandard

from scangate.advisories.archive import UNREADABLE, opened
from scangate.errors import ScangateError

FORMS: Final = (".zip", ".tar.zst")
_BLOCK: Final = 512
_CHUNK: Final = 2**20
_LEVEL: Final = 10
_MAX_WINDOW: Final = 2**27
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
BROKEN: Final = (*UNREADABLE, zstandard.ZstdError)

Member = tuple[str, Callable[[int], bytes]]
"""A path, and what reads so many of its bytes."""


def write(into: IO[bytes], form: str, members: Iterable[tuple[str, Path | bytes]]) -> None:
    """Write files in the order given; nothing of this machine or of this moment goes in."""
    if form == ".zip":
        with zipfile.ZipFile(into, "w") as archive:
            for path, content in members:
                info = zipfile.ZipInfo(path, _DATE)
                info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
                with archive.open(info, "w", force_zip64=True) as stream:
                    for chunk in _chunks(content):
                        stream.write(chunk)
        return
    with zstandard.ZstdCompressor(level=_LEVEL).stream_writer(into, closefd=False) as stream:
        for path, content in members:
            size = content.stat().st_size if isinstance(content, Path) else len(content)
            stream.write(_header(path, size))
            for chunk in _chunks(content):
                stream.write(chunk)
            stream.write(b"\0" * (-size % _BLOCK))
        stream.write(b"\0" * 2 * _BLOCK)


def members(stream: IO[bytes], name: str) -> Iterator[Member]:
    """Yield what is in it; each is to be read before the next is asked for. Raises ScangateError, or one of BROKEN."""
    if stream.read(4) == _ZSTD:
        stream.seek(0)
        yield from _tar(zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(stream, closefd=False))
        return
    with opened(stream, name) as archive:
        for member in archive.infolist():
            with archive.open(member) as content:
                yield member.filename, content.read


def _tar(stream: IO[bytes]) -> Iterator[Member]:
    while (header := _exactly(stream, _BLOCK)).strip(b"\0"):
        name, size, kind, prefix = header[:100], header[124:136], header[156:157], header[345:500]
        if header[257:263] != b"ustar\0" or kind != b"0":
            raise ScangateError("it has a member that is no plain file", advice="make it with `advisories bundle`")
        path = b"/".join(part.rstrip(b"\0") for part in (prefix, name) if part.rstrip(b"\0"))
        length = int(size.rstrip(b"\0 "), 8)
        content = _Content(stream, length)
        yield path.decode("ascii"), content.read
        while content.read(_CHUNK):
            pass
        _exactly(stream, -length % _BLOCK)


@dataclass(slots=True)
class _Content:
    stream: IO[bytes]
    left: int

    def read(self, count: int) -> bytes:
        got = self.stream.read(min(count, self.left))
        self.left -= len(got)
        return got


def _exactly(stream: IO[bytes], size: int) -> bytes:
    got = stream.read(size)
    if len(got) != size:
        raise EOFError("it ends in the middle")
    return got


def _header(path: str, size: int) -> bytes:
    prefix, _slash, name = path.encode("ascii").rpartition(b"/")
    header = bytearray(struct.pack(
        "100s8s8s8s12s12s8s1s100s6s2s32s32s8s8s155s12x",
        name, b"0000644", b"0000000", b"0000000", b"%011o" % size, b"%011o" % 0, b" " * 8, b"0", b"",
        b"ustar", b"00", b"", b"", b"0000000", b"0000000", prefix,
    ))  # fmt: skip
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def _chunks(content: Path | bytes) -> Iterator[bytes]:
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
