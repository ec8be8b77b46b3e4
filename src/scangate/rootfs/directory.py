"""A directory on disk as a layer."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from scangate.errors import ScanError
from scangate.rootfs.image import Layer
from scangate.rootfs.layer import LayerTree
from scangate.rootfs.limits import MAX_DEPTH
from scangate.rootfs.stream import Check

FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_KERNEL: Final = frozenset({"proc", "sys", "dev"})
"""Folders at the top that are left out when something is mounted there: they hold no packages, and no end."""
_ALONE: Final = Layer(index=0, digest="")


class DirectoryLayer:
    """A directory: each name is opened beneath the folder it was seen in, so no link is ever followed.

    Its `key` is empty: nobody vouches for what is in it, so nothing of it is cached.
    """

    key = ""

    def __init__(self, folder: Path, check: Check, layer: Layer = _ALONE) -> None:
        self.layer = layer
        self._folder = folder
        self._check = check

    def begin(self) -> None:
        """Nothing is fetched: it is here."""

    def read(self, tree: LayerTree) -> None:
        try:
            top = os.open(self._folder, FLAGS & ~os.O_NOFOLLOW | os.O_DIRECTORY)
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
            self._add(folder, entry, f"{path}/{entry.name}" if path else entry.name, device, tree)

    def _add(self, folder: int, entry: os.DirEntry[str], path: str, device: int, tree: LayerTree) -> None:
        if entry.is_symlink():
            with suppress(OSError):  # gone in the meantime
                tree.link(path, os.readlink(entry.name, dir_fd=folder))
        elif entry.is_dir(follow_symlinks=False):
            tree.folder(path, facts.st_mode & 0o7777 if (facts := facts_of(folder, entry.name)) else 0)
            self._enter(folder, entry.name, path, device, tree)
        elif entry.is_file(follow_symlinks=False):
            self._keep(folder, entry.name, path, tree)
        else:
            tree.other(path)

    def _enter(self, parent: int, name: str, path: str, device: int, tree: LayerTree) -> None:
        try:
            folder = os.open(name, FLAGS | os.O_DIRECTORY, dir_fd=parent)
        except OSError as error:
            tree.closed(path, str(error.strerror))
            return
        try:
            if path not in _KERNEL or os.fstat(folder).st_dev == device:
                self._read(folder, path, device, tree)
        finally:
            os.close(folder)

    def _keep(self, folder: int, name: str, path: str, tree: LayerTree) -> None:
        facts = facts_of(folder, name)
        if facts and not tree.looks(path, facts.st_size, facts.st_mode & 0o7777):
            tree.other(path, facts.st_mode & 0o7777)
            return
        try:
            descriptor = os.open(name, FLAGS, dir_fd=folder)
        except OSError as error:
            tree.unreadable(path, f"it cannot be opened: {error.strerror}")
            return
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                tree.other(path)
                return
            if reason := self._refusal(descriptor):
                tree.unreadable(path, reason)
                return

            def read(size: int) -> bytes:
                data = file.read(size)
                if len(data) != size:
                    raise ScanError(f"{path[:200]!r} became shorter while it was read")
                return data

            tree.file(path, facts.st_size, read, facts.st_mode & 0o7777)

    def _refusal(self, descriptor: int) -> str:  # noqa: ARG002 - for those that know of reasons
        """Say why an open file is not what it seems, if so."""
        return ""


def facts_of(folder: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:  # gone in the meantime, or not permitted: opening it will say so
        return None


def _listed(folder: int, path: str, tree: LayerTree) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return iter(sorted(entries, key=lambda entry: entry.name))
    except OSError as error:
        tree.closed(path or ".", str(error.strerror))
        return iter(())
