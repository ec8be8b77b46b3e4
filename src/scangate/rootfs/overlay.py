"""What becomes of each layer's facts once layers lie on top of each other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from scangate.core.model import Gap
from scangate.rootfs.contents import Content
from scangate.rootfs.layer import NOTABLE, LayerTree
from scangate.rootfs.limits import CHECK_EVERY
from scangate.rootfs.tree import Folder, Link, Node, Unread, resolve, walk

T = TypeVar("T")


def checked(items: Iterator[T], check: Callable[[], None]) -> Iterator[T]:
    for count, item in enumerate(items):
        if not count % CHECK_EVERY:
            check()
        yield item


def aliases(top: Folder, links: list[str]) -> Iterator[tuple[str, str, Node | None]]:
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


def still_open(top: Folder, tree: LayerTree) -> list[Gap]:
    """Return the gaps of a layer that no layer above has filled or taken away."""
    ends = ((gap, resolve(top, gap.what)[0]) for gap in tree.gaps)
    return [
        gap
        for gap, node in ends
        if isinstance(node, Folder) or (isinstance(node, Unread | Content) and node.layer == tree.index)
    ]


def modes(top: Folder, trees: Sequence[LayerTree]) -> Mapping[str, int]:
    """Return the notable modes that hold in the end: for each path, those of the uppermost layer that has it."""
    found: dict[str, int] = {}
    for index, tree in enumerate(trees):
        above = trees[index + 1 :]
        for path, mode in tree.modes.items():
            if not mode & NOTABLE:
                continue
            node, whole = resolve(top, path)
            if node is None or whole != path:
                continue  # taken away, or a link lies in its place
            if not any(_has(each, path, is_folder=isinstance(node, Folder)) for each in above):
                found[path] = mode
    return dict(sorted(found.items()))


def _has(tree: LayerTree, path: str, *, is_folder: bool) -> bool:
    """A folder is in a layer when it is listed there: being the parent of something does not change its mode."""
    return path in tree.modes if is_folder else resolve(tree.top, path)[0] is not None
