"""A layer that was read, as JSON and bytes, and back.

The form of a node tells what it is:

{"e": {name: node}, "h": [names], "o": true}   a folder: its entries, what it hides of the layers below, or all of it
"text"                                          a symbolic link
0                                               a file nobody asked for
[size, {extractor: size}]                       a content, and extracts: the bytes follow in this order
[null, {extractor: size}]                       extracts only
[number]                                        the content or extract of that number, which has one more name
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from scangate.core.model import Gap
from scangate.rootfs.contents import Content, Contents, Parts
from scangate.rootfs.layer import LayerTree
from scangate.rootfs.limits import MAX_FILE
from scangate.rootfs.reading import Reading
from scangate.rootfs.tree import Examined, Folder, Link, Node, Unread

_NOTHING: Final = Reading(name="", version=0, wanted=lambda _path: False)


def freeze(tree: LayerTree) -> tuple[dict[str, Any], Iterator[bytes], int]:
    """Return the JSON document, the bytes that follow it, and how many those are."""
    files: dict[int, tuple[int, Content | Examined]] = {}

    def node(each: Node) -> Any:
        if isinstance(each, Link):
            return each.target
        if isinstance(each, Content | Examined):
            if known := files.get(id(each)):
                return [known[0]]
            files[id(each)] = len(files), each
            return [each.size if isinstance(each, Content) else None, {name: len(data) for name, data in each.parts}]
        return 0

    top: dict[str, Any] = {}
    folders: list[tuple[Folder, dict[str, Any]]] = [(tree.top, top)]
    while folders:  # not recursive: folders may be hundreds deep
        folder, place = folders.pop()
        entries: dict[str, Any] = {}
        place["e"] = entries
        if folder.hidden:
            place["h"] = sorted(folder.hidden)
        if folder.opaque:
            place["o"] = True
        for name, each in folder.entries.items():
            if isinstance(each, Folder):
                entries[name] = {}
                folders.append((each, entries[name]))
            else:
                entries[name] = node(each)
    kept = [each for _number, each in files.values()]
    sizes = (
        (each.size if isinstance(each, Content) else 0) + sum(len(data) for _name, data in each.parts) for each in kept
    )
    document = {
        "top": top,
        "gaps": [[gap.what, gap.reason] for gap in tree.gaps],
        "modes": tree.modes,
        "made": tree.made,
    }
    return document, _bytes(kept), sum(sizes)


def thaw(document: Any, read: Callable[[int], bytes], index: int, contents: Contents, room: int) -> LayerTree:
    """Make the tree again. `read` returns exactly as many bytes as asked for, or raises ValueError.

    What is not of the form above is a ValueError, LookupError, TypeError or AttributeError.
    """
    tree = LayerTree(index, _NOTHING, contents)
    nodes = _Nodes(index, contents, read)
    folders: list[tuple[Folder, dict[str, Any]]] = [(tree.top, document["top"])]
    while folders:
        folder, form = folders.pop()
        folder.hidden = set(form["h"]) if "h" in form else None
        folder.opaque = bool(form.get("o"))
        for name, each in form["e"].items():
            if isinstance(each, dict):
                below = folder.entries[name] = Folder()
                folders.append((below, each))
            else:
                folder.entries[name] = nodes.make(each)
    tree.gaps.extend(Gap(what=what, reason=reason) for what, reason in document["gaps"])
    tree.modes.update(document["modes"])
    tree.made = document["made"]
    if tree.made > room:
        raise ValueError("there is no room for it")
    return tree


class _Nodes:
    """Makes everything that is not a folder, in the order in which it was written."""

    def __init__(self, index: int, contents: Contents, read: Callable[[int], bytes]) -> None:
        self._index = index
        self._contents = contents
        self._read = read
        self._unread = Unread(index)
        self._files: list[Content | Examined] = []

    def make(self, form: Any) -> Link | Unread | Content:
        if isinstance(form, str):
            return Link(form)
        if form == 0:
            return self._unread
        if len(form) == 1:
            (number,) = form
            return self._files[int(number)]
        size, extracts = form
        found: Content | Examined
        found = Examined(self._index, self._parts(extracts)) if size is None else self._content(size, extracts)
        self._files.append(found)
        return found

    def _content(self, size: int, extracts: dict[str, int]) -> Content:
        if not 0 <= size <= MAX_FILE or self._contents.refusal(size):
            raise ValueError("no such content is ever kept")
        found = self._contents.keep(self._index, size, self._read)
        found.parts = self._parts(extracts)
        return found

    def _parts(self, extracts: dict[str, int]) -> Parts:
        return tuple((name, self._read(size)) for name, size in extracts.items())


def _bytes(kept: list[Content | Examined]) -> Iterator[bytes]:
    for each in kept:
        if isinstance(each, Content):
            yield each.read(0, None)
        for _name, data in each.parts:
            yield data
