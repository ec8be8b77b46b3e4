"""Layers as the drivers of containers/storage keep them: overlay as differences, vfs as whole copies."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

from scangate.errors import ScanError
from scangate.rootfs.directory import FLAGS, DirectoryLayer, facts_of
from scangate.rootfs.image import Layer
from scangate.rootfs.layer import OPAQUE, WHITEOUT, LayerTree
from scangate.rootfs.stream import Check

_NAMESPACES: Final = ("trusted", "user")
_SEEING: Final = 1 << 21
"""CAP_SYS_ADMIN, without which attributes named trusted.* are not shown."""


class OverlayLayer(DirectoryLayer):
    """The `diff` folder of a layer. What it takes away are devices 0:0 and opaque folders, or names as in a tar."""

    def read(self, tree: LayerTree) -> None:
        if not _sees_all(self._folder):
            tree.closed(".", "which folders replace those below them is shown to nobody without CAP_SYS_ADMIN")
        super().read(tree)

    def _read(self, folder: int, path: str, device: int, tree: LayerTree) -> None:
        if _says(folder, "redirect"):
            tree.closed(path or ".", "its content is under another name in a layer below (overlay redirect_dir)")
        if _says(folder, "opaque") == b"y":
            tree.whiteout(f"{path}/{OPAQUE}" if path else OPAQUE)
        super()._read(folder, path, device, tree)

    def _add(self, folder: int, entry: os.DirEntry[str], path: str, device: int, tree: LayerTree) -> None:
        parent, slash, name = path.rpartition("/")
        if name.startswith(WHITEOUT):
            tree.whiteout(path)
        elif _is_whiteout(folder, entry):
            tree.whiteout(f"{parent}{slash}{WHITEOUT}{name}")
        else:
            super()._add(folder, entry, path, device, tree)

    def _refusal(self, descriptor: int) -> str:
        if _says(descriptor, "metacopy") or "metacopy" in _names(descriptor):
            return "its content is in a layer below (overlay metacopy)"
        return ""


class VfsLayer(DirectoryLayer):
    """A whole copy: what differs from the copy `below` is the layer.

    A file that could be kept counts as different in any case: that nothing seems to have touched it proves nothing.
    """

    def __init__(self, folder: Path, check: Check, layer: Layer, below: Path | None) -> None:
        super().__init__(folder, check, layer)
        self._lower = below
        self._below: list[int | None] = []

    def read(self, tree: LayerTree) -> None:
        self._below = []
        super().read(tree)

    def _read(self, folder: int, path: str, device: int, tree: LayerTree) -> None:
        below = self._opened_below(path.rpartition("/")[2])
        self._below.append(below)
        try:
            if below is not None:
                with os.scandir(folder) as here, os.scandir(below) as there:
                    gone = {entry.name for entry in there} - {entry.name for entry in here}
                for name in sorted(gone):
                    tree.whiteout(f"{path}/{WHITEOUT}{name}" if path else WHITEOUT + name)
            super()._read(folder, path, device, tree)
        finally:
            self._below.pop()
            if below is not None:
                os.close(below)

    def _add(self, folder: int, entry: os.DirEntry[str], path: str, device: int, tree: LayerTree) -> None:
        here = facts_of(folder, entry.name)
        below = self._below[-1]
        old = facts_of(below, entry.name) if below is not None else None
        if here is None or old is None or not _alike(here, old) or below is None:
            super()._add(folder, entry, path, device, tree)
        elif stat.S_ISDIR(here.st_mode):
            self._enter(folder, entry.name, path, device, tree)
        elif stat.S_ISLNK(here.st_mode):
            if os.readlink(entry.name, dir_fd=folder) != os.readlink(entry.name, dir_fd=below):
                super()._add(folder, entry, path, device, tree)
        elif tree.looks(path, here.st_size, here.st_mode & 0o7777):
            super()._add(folder, entry, path, device, tree)

    def _opened_below(self, name: str) -> int | None:
        try:
            if not self._below:
                return os.open(self._lower, FLAGS | os.O_DIRECTORY) if self._lower else None
            parent = self._below[-1]
            return None if parent is None else os.open(name, FLAGS | os.O_DIRECTORY, dir_fd=parent)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:  # it is a link there
                return None
            raise ScanError(f"{self._lower} cannot be read: {error.strerror}") from None


def _alike(one: os.stat_result, other: os.stat_result) -> bool:
    if one.st_mode != other.st_mode:
        return False
    return stat.S_ISDIR(one.st_mode) or (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _is_whiteout(folder: int, entry: os.DirEntry[str]) -> bool:
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False) or entry.is_symlink():
        return False
    facts = facts_of(folder, entry.name)
    return facts is not None and stat.S_ISCHR(facts.st_mode) and facts.st_rdev == 0


def _says(descriptor: int, name: str) -> bytes:
    for namespace in _NAMESPACES:
        try:
            return os.getxattr(descriptor, f"{namespace}.overlay.{name}")
        except OSError:  # it has none, or the filesystem knows none
            continue
    return b""


def _names(descriptor: int) -> str:
    """The names of all attributes: metacopy is one without a value."""
    try:
        return " ".join(os.listxattr(descriptor))
    except OSError:
        return ""


def _sees_all(folder: Path) -> bool:
    """Where root keeps its images, opaque folders are marked so that only CAP_SYS_ADMIN sees it."""
    try:
        if folder.stat().st_uid:
            return True
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return bool(int(status.partition("CapEff:")[2].split()[0], 16) & _SEEING)
    except (OSError, ValueError, IndexError):
        return True  # reading the folder will say what is wrong
