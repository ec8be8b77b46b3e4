"""The view itself: reads the layers once, and puts them on top of each other."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Protocol, Self, TypeVar

from scangate.core.model import Gap
from scangate.rootfs.address import ImageAddress
from scangate.rootfs.contents import Content, Contents
from scangate.rootfs.files import Files
from scangate.rootfs.image import Config, Layer
from scangate.rootfs.layer import LayerTree, Wanted
from scangate.rootfs.limits import CHECK_EVERY, MAX_ALIASES, MAX_MEMBERS
from scangate.rootfs.stream import os_errors
from scangate.rootfs.tree import Folder, Link, Node, Unread, merged, resolve, walk

T = TypeVar("T")


class LayerSource(Protocol):
    """A layer that can be read, more than once."""

    @property
    def layer(self) -> Layer:
        """Which one it is."""
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
        check: Callable[[], None],
    ) -> None:
        self.address = address
        self.config = config
        self._sources = tuple(sources)
        self.layers = tuple(source.layer for source in self._sources)
        self._resources = resources
        self._check = check

    def files(self, wanted: Wanted) -> Files:
        """Read every layer once, and keep the content of the regular files whose path is wanted, in every layer.

        `wanted` is asked for every path, so it must be cheap. A path is given without links in it (`usr/lib/x`, not
        `lib/x`); a file that is not wanted by it is offered again under the names that links to it or to its folder
        give it. Files of up to 1 GiB can be asked for: large ones are kept in a temporary file. Raises ScanError.
        """
        with os_errors(f"{self.address.scheme}:{self.address.path}"):
            return self._files(wanted)

    def close(self) -> None:
        """Give back the open files, and all contents."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _files(self, wanted: Wanted) -> Files:
        contents = Contents()
        self._resources.callback(contents.close)
        trees: list[LayerTree] = []
        for source in self._sources:
            trees.append(self._read(source, wanted, contents, MAX_MEMBERS - sum(tree.made for tree in trees)))
        top = merged([tree.top for tree in trees], self._check)
        found, needed, gaps = self._found(top, wanted)
        if needed:  # rare: what only a link makes wanted, the first pass could not know
            for index in {index for index, _path in needed}:
                more = frozenset(path for each, path in needed if each == index)
                trees[index] = self._read(self._sources[index], _either(wanted, more), contents, MAX_MEMBERS)
            top = merged([tree.top for tree in trees], self._check)
            found, needed, gaps = self._found(top, wanted)
        gaps += [gap for tree in trees for gap in _still_open(top, tree)]
        gaps += [Gap(what=path, reason="it is not a regular file") for _index, path in needed]
        return Files(
            top=top,
            tops=tuple(tree.top for tree in trees),
            layers=self.layers,
            found=found,
            gaps=tuple(sorted(set(gaps))),
            check=self._check,
        )

    def _read(self, source: LayerSource, wanted: Wanted, contents: Contents, room: int) -> LayerTree:
        tree = LayerTree(source.layer.index, wanted, contents, room)
        source.read(tree)
        if tree.needed:  # rare: a wanted file whose data are under another name
            tree = LayerTree(source.layer.index, _either(wanted, frozenset(tree.needed)), contents, room)
            source.read(tree)
            reason = "a file that is a hard link to it could not be read"
            tree.gaps += [Gap(what=path, reason=reason) for path in sorted(tree.needed)]
        return tree

    def _found(self, top: Folder, wanted: Wanted) -> tuple[dict[str, Content], set[tuple[int, str]], list[Gap]]:
        """Return the wanted files by path, those still to be read as (layer, path), and what was left out."""
        found: dict[str, Content] = {}
        links: list[str] = []
        for path, node in _checked(walk(top), self._check):
            if isinstance(node, Link):
                links.append(path)
            elif isinstance(node, Content) and wanted(path):
                found[path] = node
        needed: set[tuple[int, str]] = set()
        seen = set(found)
        aliases = _aliases(top, sorted(links))
        for alias, path, end in islice(_checked(aliases, self._check), MAX_ALIASES):
            if path in seen or not wanted(alias):
                continue
            if isinstance(end, Content):
                seen.add(path)
                found[alias] = end
            elif isinstance(end, Unread):
                needed.add((end.layer, path))
        more = next(aliases, None)
        reason = f"links give the files more than {MAX_ALIASES} names: not all were looked at"
        return found, needed, [Gap(what="symbolic links", reason=reason)] if more else []


def _either(wanted: Wanted, more: frozenset[str]) -> Wanted:
    return lambda path: path in more or wanted(path)


def _checked(items: Iterator[T], check: Callable[[], None]) -> Iterator[T]:
    for count, item in enumerate(items):
        if not count % CHECK_EVERY:
            check()
        yield item


def _aliases(top: Folder, links: list[str]) -> Iterator[tuple[str, str, Node | None]]:
    """Yield what links lead to: the name they give it, its path without links, and the node.

    Inside a folder that a link leads to, links to further folders are not followed: they could go on for ever.
    """
    for link in links:
        node, whole = resolve(top, link)
        if not isinstance(node, Folder):
            yield link, whole, node
            continue
        for rest, leaf in walk(node):
            end, path = (
                resolve(top, f"{whole}/{rest}") if isinstance(leaf, Link) else (leaf, f"{whole}/{rest}".lstrip("/"))
            )
            yield f"{link}/{rest}", path, end


def _still_open(top: Folder, tree: LayerTree) -> list[Gap]:
    """Return the gaps of a layer that no layer above has filled or taken away."""
    ends = ((gap, resolve(top, gap.what)[0]) for gap in tree.gaps)
    return [
        gap for gap, node in ends if isinstance(node, Folder) or (isinstance(node, Unread) and node.layer == tree.index)
    ]
