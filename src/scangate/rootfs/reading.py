"""What is to be read of a filesystem, and what is kept of it."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import IO, Final, Protocol

MAX_EXTRACT: Final = 4 * 2**20
"""Bytes that an extractor may keep of one file."""


class Looked(Protocol):
    """A file while its layer is read. It is not there any more afterwards."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    @property
    def head(self) -> bytes:
        """The first bytes, at most 4,096. Costs next to nothing: look here whether the rest is worth reading."""
        ...

    def find(self, needle: bytes, start: int = 0) -> int:
        """Return the offset of these bytes, -1 when they are not there. Reads the whole file."""
        ...

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """Return a part of the content. Reads the whole file, which may be a gigabyte: ask for parts."""
        ...

    def open(self) -> IO[bytes]:
        """Return it as a seekable file, for instance for `rootfs.zip`. Reads the whole file."""
        ...


class Extractor(Protocol):
    """Looks at files while their layer is read, and keeps little of each: what a program was built from, say.

    For files that are too large or too many to be kept whole. What it keeps is cached with the layer, so it must be a
    function of the file alone: not of other files, of options or of the day.
    """

    name: str
    version: int
    """Raise it when `extract` gives something else for the same file."""

    def looks_at(self, path: str, size: int, mode: int) -> bool:
        """Tell whether to look at this regular file. Asked for every one there is: must be cheap."""
        ...

    def extract(self, path: str, file: Looked) -> bytes:
        """Return what is kept, at most MAX_EXTRACT bytes; nothing is kept of a file for which it is empty.

        Raises ValueError with a reason when a file that should be understood cannot be: it becomes a gap.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which files' contents are kept, and what extractors keep of others.

    `name` and `version` identify `wanted`: raise the version when it wants other files.
    """

    name: str
    version: int
    wanted: Callable[[str], bool]
    extractors: tuple[Extractor, ...] = field(default=())

    @property
    def key(self) -> str:
        """Changes whenever something else would be kept of the same layer."""
        parts: Iterable[str] = (f"{each.name} {each.version}" for each in self.extractors)
        return hashlib.sha256("\n".join([f"{self.name} {self.version}", *parts]).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What an extractor kept of one file. `layer` is the index of the layer that brought it."""

    path: str
    layer: int
    data: bytes
