"""A database file in pages, read through a window: it may have a gigabyte, and none of its lengths can be trusted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

WINDOW: Final = 2**18
"""Bytes read at a time: pages that belong together mostly lie together."""
MAX_HEADER: Final = 32 * 2**20
"""Bytes of the header of one package; those of the largest have 5 MiB."""
MAX_HEADERS: Final = 200_000
"""Packages of one database."""


class Readable(Protocol):
    """A file of an image, or of a test."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """Return a part of it."""
        ...


class Pages:
    """Pages of `size` bytes each, counted from 0; `newer` ones count instead of the file's.

    All together each may be taken twice, and no more. That is enough for a sound database, in which no page belongs to
    two things; it ends every loop of a broken one, and bounds what can be read of few pages over and over.
    """

    def __init__(self, file: Readable, size: int, newer: Mapping[int, bytes] = MappingProxyType({})) -> None:
        self.size = size
        self.count = file.size // size
        self._file = file
        self._newer = newer
        self._left = 2 * (self.count + len(newer)) + 16
        self._last = -1
        self._start = 0
        self._span = size
        self._window = b""

    def take(self, number: int) -> bytes:
        """Return a page. Raises ValueError when there is none of that number, or too many were taken."""
        self._left -= 1
        if self._left < 0:
            raise ValueError("its pages lead round and round")
        if (page := self._newer.get(number)) is not None:
            return page
        if not 0 <= number < self.count:
            raise ValueError(f"page {number} is not there")
        at = number * self.size - self._start
        if not 0 <= at <= len(self._window) - self.size:
            # The window grows where pages are read in a row, and is one page where they are not.
            self._span = min(2 * self._span, max(WINDOW, self.size)) if number == self._last + 1 else self.size
            self._start, at = number * self.size, 0
            self._window = self._file.read(self._start, self._span)
        self._last = number
        page = self._window[at : at + self.size]
        if len(page) < self.size:
            raise ValueError(f"page {number} is cut off")
        return page
