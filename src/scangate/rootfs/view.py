"""The view itself: reads the layers once, and puts them on top of each other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from itertools import islice
from typing import Protocol, Self

from scangate.core.model import Gap
from scangate.rootfs.address import ImageAddress
from scangate.rootfs.cache import LayerCache
from scangate.rootfs.contents import Content, Contents
from scangate.rootfs.files import Files
from scangate.rootfs.image import Config, Layer
from scangate.rootfs.layer import LayerTree
from scangate.rootfs.limits import MAX_ALIASES, MAX_MEMBERS
from scangate.rootfs.overlay import aliases, checked, modes, still_open
from scangate.rootfs.reading import Extract, Reading
from scangate.rootfs.stream import os_errors
from scangate.rootfs.tree import Examined, Folder, Link, Unread, merged, walk


class LayerSource(Protocol):
    """A layer that can be read, more than once."""

    @property
    def layer(self) -> Layer:
        """Which one it is."""
        ...

    @property
    def key(self) -> str:
        """The digest that what `read` reads was compared with; empty when nothing may be cached under it."""
        ...

    def begin(self) -> None:
        """Have it fetched, if it has to be, while others are read. It will be read."""
        ...

    def read(self, tree: LayerTree) -> None:
        """Add all its entries to the tree. Raises ScanError."""
        ...


class RootFs:
    """An open image or directory. `address` is the parsed one; `layers` counts from the bottom."""

    def __init__(
        self,
        address: ImageAddress,
        *,
        config: Config,
        sources: Iterable[LayerSource],
        resources: ExitStack,
        cache: LayerCache,
        check: Callable[[], None],
    ) -> None:
        self.address = address
        self._cache = cache
        self.config = config
        self._sources = tuple(sources)
        self.layers = tuple(source.layer for source in self._sources)
        self._resources = resources
        self._check = check

    def files(self, reading: Reading) -> Files:
        """Read every layer once, and keep the content of the regular files whose path is wanted, in every layer.

        `reading.wanted` is asked for every path, so it must be cheap. A path is given without links in it (`usr/lib/x`,
        not `lib/x`); a file that is not wanted by it is offered again under the names that links to it or to its folder
        give it. Files of up to 1 GiB can be asked for: large ones are kept in a temporary file. Raises ScanError.
        """
        with os_errors(str(self.address)):
            return self._files(reading)

    def close(self) -> None:
        """Give back the open files, and all contents."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _files(self, reading: Reading) -> Files:
        contents = Contents()
        self._resources.callback(contents.close)
        trees: list[LayerTree] = []
        for source in self._sources:
            if not self._cache.holds(source.key, reading.key):
                source.begin()
        for index in range(len(self._sources)):
            trees.append(self._read(index, reading, contents, MAX_MEMBERS - sum(tree.made for tree in trees)))
        top = merged([tree.top for tree in trees], self._check)
        found, extracts, needed, gaps = self._found(top, reading)
        if needed:  # rare: what only a link makes wanted, the first pass could not know
            for index in {index for index, _path in needed}:
                more = frozenset(path for each, path in needed if each == index)
                trees[index] = self._read(index, reading, contents, MAX_MEMBERS, more)
            top = merged([tree.top for tree in trees], self._check)
            found, extracts, needed, gaps = self._found(top, reading)
        gaps += [gap for tree in trees for gap in still_open(top, tree)]
        gaps += [Gap(what=path, reason="it is not a regular file") for _index, path in needed]
        return Files(
            top=top,
            tops=tuple(tree.top for tree in trees),
            layers=self.layers,
            found=found,
            extracts=extracts,
            modes=modes(top, trees),
            gaps=tuple(sorted(set(gaps))),
            check=self._check,
        )

    def _read(
        self, index: int, reading: Reading, contents: Contents, room: int, more: frozenset[str] = frozenset()
    ) -> LayerTree:
        source = self._sources[index]

        def read(more: frozenset[str]) -> LayerTree:
            tree = LayerTree(index, reading, contents, room, more=more)
            source.read(tree)
            return tree

        with self._cache.entry(source.key, reading.key, more, self._check) as entry:
            if kept := entry.load(index, contents, room):
                return kept
            tree = read(more)
            if tree.needed:  # rare: a wanted file whose data are under another name
                tree = read(more | tree.needed)
                reason = "a file that is a hard link to it could not be read"
                tree.gaps += [Gap(what=path, reason=reason) for path in sorted(tree.needed)]
            entry.store(tree)
            return tree

    def _found(
        self, top: Folder, reading: Reading
    ) -> tuple[dict[str, Content], Mapping[str, tuple[Extract, ...]], set[tuple[int, str]], list[Gap]]:
        """Return the wanted files by path, the extracts, what is still to be read as (layer, path), and what is not."""
        found: dict[str, Content] = {}
        extracts: defaultdict[str, list[Extract]] = defaultdict(list)
        links: list[str] = []
        for path, node in checked(walk(top), self._check):
            if isinstance(node, Link):
                links.append(path)
            elif isinstance(node, Examined | Content):
                if isinstance(node, Content) and reading.wanted(path):
                    found[path] = node
                for name, data in node.parts:
                    extracts[name].append(Extract(path=path, layer=node.layer, data=data))
        needed: set[tuple[int, str]] = set()
        seen = set(found)
        names = aliases(top, sorted(links))
        for alias, path, end in islice(checked(names, self._check), MAX_ALIASES):
            if path in seen or not reading.wanted(alias):
                continue
            if isinstance(end, Content):
                seen.add(path)
                found[alias] = end
            elif isinstance(end, Unread):
                needed.add((end.layer, path))
        reason = f"links give the files more than {MAX_ALIASES} names: not all were looked at"
        gaps = [Gap(what="symbolic links", reason=reason)] if next(names, None) else []
        kept = {name: tuple(sorted(each, key=lambda one: one.path)) for name, each in extracts.items()}
        return found, kept, needed, gaps
