"""Layers that can be read: a tar with its digest, or a directory on disk."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from scangate.errors import ScanError
from scangate.rootfs.image import Layer
from scangate.rootfs.layer import LayerTree, unpack
from scangate.rootfs.limits import MAX_DEPTH
from scangate.rootfs.stream import Check, Region, opened

_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_KERNEL: Final = frozenset({"proc", "sys", "dev"})
"""Folders at the top that are left out when something is mounted there: they hold no packages, and no end."""


class TarLayer:
    """A layer in a blob. With an empty `digest` the blob is not verified, and what nobody asked for not even read."""

    def __init__(self, layer: Layer, region: Callable[[], Region], digest: str = "") -> None:
        self.layer = layer
        self._region = region
        self._digest = digest

    def read(self, tree: LayerTree) -> None:
        with opened(self._region(), self._digest) as stream:
            unpack(stream, tree)


class DirectoryLayer:
    """A directory: each name is opened beneath the folder it was seen in, so no link is ever followed."""

    def __init__(self, folder: Path, check: Check) -> None:
        self.layer = Layer(index=0, digest="")
        self._folder = folder
        self._check = check

    def read(self, tree: LayerTree) -> None:
        try:
            top = os.open(self._folder, _FLAGS & ~os.O_NOFOLLOW | os.O_DIRECTORY)
        except OSError as error:
            raise ScanError(f"the folder {self._folder} cannot be read: {error.strerror}") from None
        try:
            self._read(top, "", os.fstat(top).st_dev, tree)
        finally:
            os.close(top)

    def _read(self, folder: int, path: str, device: int, tree: LayerTree) -> None:
        if path.count("/") >= MAX_DEPTH:
            raise ScanError(f"folders are inside each other more than {MAX_DEPTH} deep: {path[:200]!r}")
        for entry in _listed(folder, path, tree):
            self._check()
            whole = f"{path}/{entry.name}" if path else entry.name
            if entry.is_symlink():
                with suppress(OSError):  # gone in the meantime
                    tree.link(whole, os.readlink(entry.name, dir_fd=folder))
            elif entry.is_dir(follow_symlinks=False):
                tree.folder(whole)
                self._enter(folder, entry.name, whole, device, tree)
            elif entry.is_file(follow_symlinks=False):
                _keep(folder, entry.name, whole, tree)
            else:
                tree.other(whole)

    def _enter(self, parent: int, name: str, path: str, device: int, tree: LayerTree) -> None:
        try:
            folder = os.open(name, _FLAGS | os.O_DIRECTORY, dir_fd=parent)
        except OSError as error:
            tree.closed(path, str(error.strerror))
            return
        try:
            if path not in _KERNEL or os.fstat(folder).st_dev == device:
                self._read(folder, path, device, tree)
        finally:
            os.close(folder)


def _listed(folder: int, path: str, tree: LayerTree) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return iter(sorted(entries, key=lambda entry: entry.name))
    except OSError as error:
        tree.closed(path or ".", str(error.strerror))
        return iter(())


def _keep(folder: int, name: str, path: str, tree: LayerTree) -> None:
    if not tree.wants(path):
        tree.other(path)
        return
    try:
        descriptor = os.open(name, _FLAGS, dir_fd=folder)
    except OSError as error:
        tree.unreadable(path, f"it cannot be opened: {error.strerror}")
        return
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            tree.other(path)
            return

        def read(size: int) -> bytes:
            data = file.read(size)
            if len(data) != size:
                raise ScanError(f"{path[:200]!r} became shorter while it was read")
            return data

        tree.file(path, facts.st_size, read)
