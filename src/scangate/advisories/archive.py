"""Records out of one `all.zip`, read where it lies: nothing is extracted to disk, and names are only ever printed."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from typing import IO, Final

from scangate.advisories.schema import Rejections
from scangate.errors import ScanError, ScangateError

MAX_RECORD: Final = 16 * 2**20
"""Bytes of one record."""
MAX_FEED: Final = 64 * 2**20
"""Bytes of KEV or EPSS, as it is published."""
MAX_UNPACKED: Final = 8 * 2**30
"""Bytes of all records of an archive."""
MAX_DIRECTORY: Final = 64 * 2**20
"""Bytes of an archive's table of contents: room for half a million records."""
UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,  # a place before the beginning
    RuntimeError,  # an encrypted member, an unknown compression
    ValueError,
    ArithmeticError,
    LookupError,
)
"""What zipfile raises over what is no archive, or one whose table of contents lies."""
_END: Final = b"PK\5\6"
_END64: Final = b"PK\6\6"
_TAIL: Final = 2**16 + 22 + 20 + 56
_FULL: Final = 0xFFFFFFFF


def records(
    stream: IO[bytes], name: str, rejections: Rejections, check: Callable[[], None]
) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, content) of every `.json` in the archive, and reject what cannot be read.

    Raises ScangateError when it is no complete zip, or is larger than any advisory data.
    """
    total = 0
    with opened(stream, name) as archive:
        for member in archive.infolist():
            check()
            if not member.filename.endswith(".json"):
                continue
            try:
                with archive.open(member) as content:
                    raw = content.read(MAX_RECORD + 1)
            except UNREADABLE as error:
                rejections.add(member.filename, f"cannot be read: {error}")
                continue
            total += len(raw)
            if total > MAX_UNPACKED:
                raise ScangateError(f"{name} unpacks to more than {MAX_UNPACKED} bytes, which no advisory data does")
            if len(raw) > MAX_RECORD:
                rejections.add(member.filename, f"is larger than {MAX_RECORD} bytes")
            else:
                yield member.filename, raw


def is_sound(stream: IO[bytes], check: Callable[[], None]) -> bool:
    """Say whether every record in it is as its table of contents says."""
    found = Rejections()
    try:
        for _each in records(stream, "it", found, check):
            pass
    except ScangateError as error:
        if isinstance(error, ScanError):
            raise
        return False
    return not found.count


def newest(stream: IO[bytes], name: str) -> date | None:
    """Give the latest date in the table of contents; None when it is empty."""
    with opened(stream, name) as archive:
        return max((_date(member) for member in archive.infolist()), default=None)


def _date(member: zipfile.ZipInfo) -> date:
    try:
        return date(*member.date_time[:3])
    except ValueError:
        return date.min


def opened(stream: IO[bytes], name: str) -> zipfile.ZipFile:
    """Open an archive whose table of contents is of a size that can be. Raises ScangateError."""
    try:
        if _directory_size(stream) > MAX_DIRECTORY:
            raise ScangateError(f"{name} names more files than any advisory data has")
        return zipfile.ZipFile(stream)
    except UNREADABLE as error:
        raise ScangateError(f"{name} is no complete zip archive: {error}", advice="fetch it again") from None


def _directory_size(stream: IO[bytes]) -> int:
    """Read the size of the table of contents, before zipfile makes an object of every line of it."""
    end = stream.seek(0, 2)
    stream.seek(max(0, end - _TAIL))
    tail = stream.read(_TAIL)
    if (at := tail.rfind(_END)) < 0:
        return 0  # zipfile will say that it is none
    (size,) = struct.unpack_from("<L", tail, at + 12)
    at64 = tail.rfind(_END64, 0, at)
    if at64 >= 0:
        (size64,) = struct.unpack_from("<Q", tail, at64 + 40)
        return int(max(size64, size if size != _FULL else 0))
    return int(size)
