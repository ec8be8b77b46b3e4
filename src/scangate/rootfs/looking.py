"""A file while its layer is read: its head at once, the rest when somebody asks for it."""

import io
import mmap
import os
import tempfile
from collections.abc import Callable
from typing import IO, Any, Final

from scangate.core.model import Gap
from scangate.rootfs.contents import Parts
from scangate.rootfs.limits import BLOCK, LARGEST_LOOKED_AT, LOOKED_AT_IN_MEMORY, MAX_EXTRACTS
from scangate.rootfs.reading import MAX_EXTRACT, Extractor

HEAD: Final = 4_096


class Looking:
    """`Looked` over what can be read once, from its beginning; `read` returns exactly as many bytes as asked for."""

    def __init__(self, size: int, read: Callable[[int], bytes]) -> None:
        self.size = size
        self.head = read(min(HEAD, size))
        self._rest: Callable[[int], bytes] | None = read
        self._data: bytes | mmap.mmap = self.head
        self._file: IO[bytes] | None = None
        self._taken = 0

    def find(self, needle: bytes, start: int = 0) -> int:
        return self._whole().find(needle, start)

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        return self._whole()[offset : self.size if size is None else offset + size]

    def open(self) -> IO[bytes]:
        data = self._whole()
        return io.BytesIO(data) if isinstance(data, bytes) else io.BufferedReader(_Mapped(data))

    def take(self, size: int) -> bytes:
        """Return the next bytes of the whole, as the layer itself would have."""
        data = self._whole()[self._taken : self._taken + size]
        self._taken += len(data)
        return data

    def close(self) -> None:
        if isinstance(self._data, mmap.mmap):
            self._data.close()
        if self._file:
            self._file.close()

    def _whole(self) -> bytes | mmap.mmap:
        if self._rest and self.size > len(self.head):
            left = self.size - len(self.head)
            if self.size <= LOOKED_AT_IN_MEMORY:
                self._data = self.head + self._rest(left)
            else:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this
                self._file.write(self.head)
                for at in range(0, left, BLOCK):
                    self._file.write(self._rest(min(BLOCK, left - at)))
                self._file.flush()
                self._data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._rest = None
        return self._data


class _Mapped(io.RawIOBase):
    """A file with a place of its own in what is mapped: descriptors that are copies share theirs."""

    def __init__(self, data: mmap.mmap) -> None:
        super().__init__()
        self._data = data
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._data)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        part = self._data[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


class Examiner:
    """Shows files to the extractors that look at them, and bounds what they keep of one layer."""

    def __init__(self, extractors: tuple[Extractor, ...], gaps: list[Gap]) -> None:
        self._extractors = extractors
        self._gaps = gaps
        self._kept = 0

    def lookers(self, path: str, size: int, mode: int) -> list[Extractor]:
        return [each for each in self._extractors if each.looks_at(path, size, mode)]

    def examine(self, path: str, file: Looking, lookers: list[Extractor]) -> Parts:
        """Return what they keep; what went wrong becomes a gap."""
        parts: list[tuple[str, bytes]] = []
        for each in lookers:
            if file.size > LARGEST_LOOKED_AT:
                self._gap(path, f"it has {file.size} bytes: files of at most {LARGEST_LOOKED_AT} are looked into")
                break
            try:
                data = each.extract(path, file)
            except ValueError as error:
                self._gap(path, str(error))
                continue
            self._kept += len(data)
            if len(data) > MAX_EXTRACT or self._kept > MAX_EXTRACTS:
                self._gap(path, "more was found in it than is kept")
            elif data:
                parts.append((each.name, data))
        return tuple(parts)

    def _gap(self, path: str, reason: str) -> None:
        self._gaps.append(Gap(what=path, reason=reason))
