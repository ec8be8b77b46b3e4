"""The contents that were asked for: small ones in memory, large ones in one temporary file without a name."""

import os
import tempfile
from collections.abc import Callable
from typing import IO

from scangate.errors import ScanError
from scangate.rootfs.limits import BLOCK, IN_MEMORY, LARGE, MAX_FILE, MAX_KEPT

Parts = tuple[tuple[str, bytes], ...]
"""What extractors kept of a file, by their names."""


class Content:
    """A regular file's bytes. `layer` is the index of the one that brought them: see tree.merged."""

    __slots__ = ("data", "layer", "offset", "parts", "size", "store")

    def __init__(self, *, layer: int, size: int, data: bytes | None, offset: int, store: "Contents") -> None:
        self.parts: Parts = ()
        self.layer = layer
        self.size = size
        self.data = data
        self.offset = offset
        self.store = store

    def read(self, offset: int, size: int | None) -> bytes:
        end = self.size if size is None else min(self.size, offset + size)
        if self.data is not None:
            return self.data[offset:end]
        return self.store.read(self.offset + offset, max(0, end - offset))

    def same(self, other: "Content") -> bool:
        """True when both are known to be equal. Large ones are not compared."""
        return self.size == other.size and self.data is not None and self.data == other.data


class Contents:
    """All contents of one view."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._in_memory = 0
        self._kept = 0

    def refusal(self, size: int) -> str:
        """Say why a file of this size is not kept; empty when it is."""
        if size > MAX_FILE:
            return f"it has {size} bytes: at most {MAX_FILE} are read of one file"
        if self._kept + size > MAX_KEPT:
            return f"more than {MAX_KEPT} bytes were to be read of this image"
        return ""

    def keep(self, layer: int, size: int, read: Callable[[int], bytes]) -> Content:
        """Take `size` bytes from `read`, which returns exactly as many as it is asked for."""
        self._kept += size
        if size <= LARGE and self._in_memory + size <= IN_MEMORY:
            self._in_memory += size
            return Content(layer=layer, size=size, data=read(size), offset=0, store=self)
        return Content(layer=layer, size=size, data=None, offset=self._spill(size, read), store=self)

    def read(self, offset: int, size: int) -> bytes:
        if self._file is None:
            raise ScanError("the image was closed before its files were read")
        return b"".join(
            os.pread(self._file.fileno(), min(BLOCK, offset + size - at), at)
            for at in range(offset, offset + size, BLOCK)
        )

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _spill(self, size: int, read: Callable[[int], bytes]) -> int:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the view
        offset = self._file.seek(0, os.SEEK_END)
        for at in range(0, size, BLOCK):
            self._file.write(read(min(BLOCK, size - at)))
        self._file.flush()
        return offset
