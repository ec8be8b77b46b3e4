"""Bytes in order: of a part of a file, hashed on the way, decompressed, and read in any amount."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from typing import Protocol

from scangate.errors import ScanError
from scangate.rootfs.limits import BLOCK, MAX_UNPACKED

Check = Callable[[], None]


class Source(Protocol):
    """Gives blocks of bytes until an empty one."""

    def block(self) -> bytes:
        """Return the next bytes, empty at the end."""
        ...

    def skip(self, size: int) -> int:
        """Pass over up to `size` bytes without reading them; return how many those were. 0 where that cannot be."""
        ...


class Region:
    """A part of an open file, read by offset: many may read one file at a time. `what` names it in errors."""

    def __init__(self, descriptor: int, offset: int, size: int, *, what: str, check: Check) -> None:
        self.size = size
        self.what = what
        self.check = check
        self._descriptor = descriptor
        self._offset = offset
        self._at = 0

    def block(self) -> bytes:
        self.check()
        wanted = min(BLOCK, self.size - self._at)
        data = os.pread(self._descriptor, wanted, self._offset + self._at)
        if wanted and not data:
            raise ScanError(f"{self.what} ends before its time: {self.size - self._at} bytes are missing")
        self._at += len(data)
        return data

    def skip(self, size: int) -> int:
        passed = min(size, self.size - self._at)
        self._at += passed
        return passed

    def part(self, offset: int, size: int, *, what: str) -> "Region":
        return Region(self._descriptor, self._offset + offset, size, what=what, check=self.check)

    def start(self, size: int) -> bytes:
        """Return the first bytes, without moving on."""
        return os.pread(self._descriptor, min(size, self.size), self._offset)

    def read_all(self, limit: int) -> bytes:
        if self.size > limit:
            raise ScanError(f"{self.what} is larger than the {limit} bytes that are read of such a document")
        return b"".join(iter(self.block, b""))


class Stream:
    """What `tar.members` reads: any amount at a time. What is passed over is not read, where the source allows that."""

    def __init__(self, source: Source, *, what: str, check: Check) -> None:
        self.what = what
        self.check = check
        self._source = source
        self._block = b""
        self._at = 0
        self._passed = 0

    def tell(self) -> int:
        return self._passed + self._at

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes. Raises ScanError when there are fewer."""
        end = self._at + size
        if end <= len(self._block):
            data = self._block[self._at : end]
            self._at = end
            return data
        parts = [self._block[self._at :]]
        size -= len(parts[0])
        while size:
            if not self._next():
                raise ScanError(f"{self.what} is cut off after {self.tell()} bytes")
            parts.append(self._block[:size])
            self._at = len(parts[-1])
            size -= self._at
        return b"".join(parts)

    def skip(self, size: int) -> None:
        while size > (left := len(self._block) - self._at):
            size -= left
            self._at = len(self._block)
            passed = self._source.skip(size)
            self._passed += passed
            size -= passed
            if size and not self._next():
                raise ScanError(f"{self.what} is cut off after {self.tell()} bytes")
        self._at += size

    def ended(self) -> bool:
        return self._at == len(self._block) and not self._next()

    def _next(self) -> bool:
        """Replace the used-up block. False at the end."""
        self.check()
        self._passed += len(self._block)
        self._at = 0
        self._block = self._source.block()
        if self._passed > MAX_UNPACKED:
            raise ScanError(f"{self.what} unpacks to more than {MAX_UNPACKED} bytes")
        return bool(self._block)


@contextlib.contextmanager
def os_errors(what: str) -> Iterator[None]:
    """Turn what the operating system refuses (a disk that is full or broken) into a ScanError."""
    try:
        yield
    except OSError as error:
        raise ScanError(f"{what} cannot be read: {error.strerror or error}") from None


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def damaged(what: str) -> ScanError:
    message = f"{what} is not what its digest says: it was changed or damaged"
    return ScanError(message, advice="copy or build the image again")
