"""The asked-for files of a filesystem, after all its layers."""

from collections.abc import Callable, Iterable, Iterator

from scangate.core.model import Gap
from scangate.rootfs.image import Layer


class File:
    """One regular file. `path` is relative to the image's root (posix, no leading slash).

    `layer` is the one that brought this content: a layer that only repeats it does not count. `size` in bytes.
    """

    path: str
    size: int
    layer: Layer

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """Return the content, or the part of it from `offset`. Cheap for small files; a large one comes from disk."""
        raise NotImplementedError


class Files:
    """What `RootFs.files` found: iterate in the order of the paths. Each file is there once, under one path."""

    gaps: tuple[Gap, ...]
    """What was wanted and could not be read (too large, sparse, unreadable): `what` is the path."""

    def __iter__(self) -> Iterator[File]:
        raise NotImplementedError

    def matching(self, wanted: Callable[[str], bool]) -> Iterator[File]:
        """Yield those files whose path is wanted, in the order of the paths."""
        raise NotImplementedError

    def get(self, path: str) -> File | None:
        """Look one asked-for file up. Links in the path are followed, inside the image only."""
        raise NotImplementedError

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at this path, asked for or not. Links are followed inside the image."""
        raise NotImplementedError

    def versions(self, path: str) -> tuple[tuple[Layer, File], ...]:
        """Return each layer that has this file, bottom first, with the file as it is in that layer."""
        raise NotImplementedError

    def without(self, paths: Iterable[str]) -> "Files":
        """Return the same view with some files left out of the iteration."""
        raise NotImplementedError
