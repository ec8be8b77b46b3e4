"""The asked-for files of a filesystem, after all its layers."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from scangate.core.model import Gap
from scangate.rootfs.contents import Content
from scangate.rootfs.image import Layer
from scangate.rootfs.reading import Extract
from scangate.rootfs.tree import Examined, Folder, Link, resolve, walk


class File:
    """One regular file. `path` is relative to the image's root (posix, no leading slash).

    `layer` is the one that brought this content: a layer that only repeats it does not count. `size` in bytes.
    """

    __slots__ = ("_check", "_content", "layer", "path")

    def __init__(self, path: str, content: Content, layer: Layer, check: Callable[[], None]) -> None:
        self.path = path
        self.layer = layer
        self._content = content
        self._check = check

    @property
    def size(self) -> int:
        return self._content.size

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """Return the content, or the part of it from `offset`. Cheap for small files; a large one comes from disk."""
        self._check()
        return self._content.read(offset, size)


class Files:
    """What `RootFs.files` found: iterate in the order of the paths. Each file is there once, under one path.

    `gaps` are files that were wanted and could not be read (too large, sparse, not permitted): `what` is the path.
    """

    def __init__(
        self,
        *,
        top: Folder,
        tops: tuple[Folder, ...],
        layers: tuple[Layer, ...],
        found: Mapping[str, Content],
        extracts: Mapping[str, tuple[Extract, ...]],
        modes: Mapping[str, int],
        gaps: tuple[Gap, ...],
        check: Callable[[], None],
    ) -> None:
        self.gaps = gaps
        self._extracts = extracts
        self._modes = modes
        self._top = top
        self._tops = tops
        self._layers = layers
        self._found = found
        self._check = check

    def __iter__(self) -> Iterator[File]:
        return self.matching(lambda _path: True)

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, path: str) -> bool:
        return path in self._found

    def matching(self, wanted: Callable[[str], bool]) -> Iterator[File]:
        """Yield those files whose path is wanted, in the order of the paths."""
        for path in sorted(filter(wanted, self._found)):
            content = self._found[path]
            yield File(path, content, self._layers[content.layer], self._check)

    def extracts(self, name: str) -> tuple[Extract, ...]:
        """Return what this extractor kept of the files that are there, in the order of the paths."""
        return self._extracts.get(name, ())

    def hidden_extracts(self, name: str) -> Iterator[Extract]:
        """Yield what this extractor kept of files that a layer above replaced or took away: still in the image."""
        kept = {(each.path, each.data) for each in self.extracts(name)}
        for index, top in enumerate(self._tops):
            for path, node in walk(top):
                if isinstance(node, Examined | Content):
                    for owner, data in node.parts:
                        if owner == name and (path, data) not in kept:
                            yield Extract(path=path, layer=index, data=data)

    def layer(self, index: int) -> Layer:
        """Return the layer of this index, as an Extract has it."""
        return self._layers[index]

    def modes(self) -> Mapping[str, int]:
        """Return the permission bits of files and folders that are setuid, setgid or writable by everybody."""
        return self._modes

    def get(self, path: str) -> File | None:
        """Look one asked-for file up. Links in the path are followed, inside the image only."""
        node, whole = resolve(self._top, path)
        return File(whole, node, self._layers[node.layer], self._check) if isinstance(node, Content) else None

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at this path, asked for or not. Links are followed inside the image."""
        return resolve(self._top, path)[0] is not None

    def named(self, endings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paths of all files that end so, asked for or not, sorted."""
        found: list[str] = []
        folders = [("", self._top)]
        while folders:
            self._check()
            prefix, folder = folders.pop()
            for name, node in folder.entries.items():
                if isinstance(node, Folder):
                    folders.append((f"{prefix}{name}/", node))
                elif not isinstance(node, Link) and (path := prefix + name).endswith(endings):
                    found.append(path)
        return tuple(sorted(found))

    def real(self, path: str) -> str:
        """Return the path without links of what is there; empty where there is nothing."""
        return resolve(self._top, path)[1]

    def versions(self, path: str) -> tuple[tuple[Layer, File], ...]:
        """Return each layer that has this file, bottom first, with the file as it is in that layer."""
        whole = self.real(path)
        found = ((layer, resolve(top, whole)[0]) for layer, top in zip(self._layers, self._tops, strict=True))
        return tuple(
            (layer, File(whole, node, layer, self._check)) for layer, node in found if isinstance(node, Content)
        )

    def without(self, paths: Iterable[str]) -> "Files":
        """Return the same view with some files left out of the iteration and of the extracts."""
        left_out = frozenset(paths)
        return Files(
            top=self._top,
            tops=self._tops,
            layers=self._layers,
            found={path: content for path, content in self._found.items() if path not in left_out},
            extracts={
                name: tuple(each for each in kept if each.path not in left_out) for name, kept in self._extracts.items()
            },
            modes=self._modes,
            gaps=self.gaps,
            check=self._check,
        )

    def looked_into(self) -> frozenset[str]:
        """Return the paths of the files that were asked for, and of those of which something was extracted."""
        return frozenset(self._found).union(each.path for kept in self._extracts.values() for each in kept)
