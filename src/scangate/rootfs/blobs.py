"""Where an image's documents and layers are: a folder, or a tar that is read in place."""

import os
import stat
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final, Protocol

from scangate.errors import ScanError
from scangate.rootfs.compression import GZIP, ZSTD
from scangate.rootfs.limits import MAX_HOPS
from scangate.rootfs.stream import Check, Region, Stream
from scangate.rootfs.tar import Kind, members
from scangate.rootfs.unpacking import clean

_TAR_FIRST: Final = "unpack the archive first, for instance with gunzip"


class Blobs(Protocol):
    """Named parts. `find` returns None when there is no such part; names are posix paths."""

    def find(self, name: str, *, what: str) -> Region | None:
        """Return the part; `what` names it in errors."""
        ...


def need(blobs: Blobs, name: str, *, what: str) -> Region:
    """Return a part that must be there. Raises ScanError."""
    if region := blobs.find(name, what=what):
        return region
    raise ScanError(f"{what} is missing: there is no {name[:200]!r}", advice="copy or build the image again")


def open_file(path: Path, *, what: str, check: Check, resources: ExitStack) -> Region:
    """Open a regular file for as long as `resources` last. Raises ScanError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ScanError(
            f"{what} is not there", advice="check the address of the image, or build the image first"
        ) from None
    except OSError as error:
        raise ScanError(f"{what} cannot be opened: {error.strerror}") from None
    resources.callback(os.close, descriptor)
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise ScanError(f"{what} is not a regular file")
    return Region(descriptor, 0, facts.st_size, what=what, check=check)


def unnamed(resources: ExitStack) -> IO[bytes]:
    """Make a temporary file without a name that lasts as long as `resources`."""
    return resources.enter_context(tempfile.TemporaryFile())


class FolderBlobs:
    """A folder on disk. Names come from us or from digests that were checked, so none leads out of it."""

    def __init__(self, folder: Path, *, check: Check, resources: ExitStack) -> None:
        self._folder = folder
        self._check = check
        self._resources = resources
        self._open: dict[str, Region] = {}

    def find(self, name: str, *, what: str) -> Region | None:
        path = self._folder / name
        if name not in self._open:
            if not os.path.lexists(path):
                return None
            self._open[name] = open_file(path, what=what, check=self._check, resources=self._resources)
        region = self._open[name]
        return region.part(0, region.size, what=what)


class ArchiveBlobs:
    """A tar. Only its headers are read here; of names that are there twice the last counts, as when it is unpacked."""

    def __init__(self, region: Region) -> None:
        start = region.start(4)
        if start.startswith((GZIP, ZSTD)):
            raise ScanError(f"{region.what} is compressed as a whole, which is not read", advice=_TAR_FIRST)
        self._region = region
        self._parts: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        for member in members(Stream(region, what=region.what, check=region.check)):
            name = clean(member.name)
            self._parts.pop(name, None)
            self._links.pop(name, None)
            if member.kind is Kind.FILE:
                self._parts[name] = (member.offset, member.size)
            elif member.kind is Kind.HARD_LINK:
                self._links[name] = clean(member.link)
            elif member.kind is Kind.LINK:
                self._links[name] = clean(f"{name.rpartition('/')[0]}/{member.link}")

    def find(self, name: str, *, what: str) -> Region | None:
        name = clean(name)
        for _hop in range(MAX_HOPS):
            if name in self._parts:
                offset, size = self._parts[name]
                return self._region.part(offset, size, what=what)
            if name not in self._links:
                return None
            name = self._links[name]
        raise ScanError(f"{what} is a link that leads round and round in {self._region.what}")
