"""A filesystem as a tree of names, and what layers do to each other."""

from collections.abc import Callable, Iterator

from scangate.errors import ScanError
from scangate.rootfs.contents import Content, Parts
from scangate.rootfs.limits import MAX_DEPTH, MAX_HOPS, MAX_NAME


class Folder:
    """`hidden` names, or all of them when it is `opaque`, are taken away from the layers below (whiteouts)."""

    __slots__ = ("entries", "hidden", "opaque")

    def __init__(self) -> None:
        self.entries: dict[str, Node] = {}
        self.hidden: set[str] | None = None
        self.opaque = False


class Link:
    """A symbolic link, as written."""

    __slots__ = ("target",)

    def __init__(self, target: str) -> None:
        self.target = target


class Unread:
    """A file that nobody asked for, or a special file. One object stands for all those of a layer."""

    __slots__ = ("layer",)

    def __init__(self, layer: int) -> None:
        self.layer = layer


class Examined(Unread):
    """A file of which only extracts are kept: (name of the extractor, what it kept)."""

    __slots__ = ("parts",)

    def __init__(self, layer: int, parts: Parts) -> None:
        super().__init__(layer)
        self.parts = parts


Node = Folder | Link | Unread | Content


def resolve(top: Folder, path: str) -> tuple[Node | None, str]:
    """Follow a path and all links in it, inside the tree only. Returns the node and its path without links.

    None where there is nothing, or links lead round and round.
    """
    return _follow(top, path, None)


def enter(top: Folder, path: str, made: Callable[[], None]) -> tuple[Folder, str]:
    """Find the folder at a path, as a tar is unpacked: links are followed, what is missing is made, files give way.

    `made` is called for each folder made. Returns the folder and its path without links. Raises ScanError: a loop of
    links, too deep, a name too long.
    """

    def make(parent: Folder, name: str, depth: int) -> Folder:
        if depth >= MAX_DEPTH or len(name) > MAX_NAME:
            raise ScanError(f"the folder {path[:MAX_NAME]!r} is too deep, or its name is too long")
        made()
        fresh = parent.entries[name] = Folder()
        return fresh

    folder, whole = _follow(top, path, make)
    if not isinstance(folder, Folder):
        raise ScanError(f"the links on the way to {path[:MAX_NAME]!r} lead round and round")
    return folder, whole


def _follow(top: Folder, path: str, make: Callable[[Folder, str, int], Folder] | None) -> tuple[Node | None, str]:
    folder = top
    trail: list[tuple[str, Folder]] = []
    rest = path.split("/")[::-1]
    hops = 0
    while rest:
        name = rest.pop()
        if name in {"", "."}:
            continue
        if name == "..":
            folder = trail.pop()[1] if trail else top
            continue
        found = folder.entries.get(name)
        if isinstance(found, Link):
            hops += 1
            if hops > MAX_HOPS:
                return None, ""
            if found.target.startswith("/"):
                folder = top
                trail.clear()
            rest.extend(found.target.split("/")[::-1])
            continue
        if not isinstance(found, Folder):
            if not make:
                whole = "/".join([*(each for each, _above in trail), name])
                return (None, "") if found is None or any(rest) else (found, whole)
            found = make(folder, name, len(trail))
        trail.append((name, folder))
        folder = found
    return folder, "/".join(name for name, _above in trail)


def merged(layers: list[Folder], check: Callable[[], None]) -> Folder:
    """Put the layers on top of each other, bottom first, as OverlayFS shows them. The layers stay as they are.

    A content that a layer only repeats stays that of the layer that brought it: `Content.layer` is set accordingly.
    https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
    """
    if len(layers) == 1:
        return layers[0]
    whole = Folder()
    for layer in layers:
        stack = [(whole, layer)]
        while stack:
            check()
            below, above = stack.pop()
            if above.opaque:
                below.entries.clear()
            for name in above.hidden or ():
                below.entries.pop(name, None)
            for name, node in above.entries.items():
                old = below.entries.get(name)
                if isinstance(node, Folder):
                    if not isinstance(old, Folder):
                        old = below.entries[name] = Folder()
                    stack.append((old, node))
                    continue
                _attribute(node, old)
                below.entries[name] = node
    return whole


def _attribute(node: Link | Unread | Content, old: Node | None) -> None:
    if isinstance(node, Content):
        if isinstance(old, Content) and node.same(old):
            node.layer = old.layer
    elif isinstance(node, Examined) and isinstance(old, Examined) and node.parts == old.parts:
        node.layer = old.layer


def walk(top: Folder, prefix: str = "") -> Iterator[tuple[str, Link | Unread | Content]]:
    """Yield all that is not a folder, with its path."""
    stack = [(prefix, top)]
    while stack:
        path, folder = stack.pop()
        for name, node in folder.entries.items():
            whole = f"{path}/{name}" if path else name
            if isinstance(node, Folder):
                stack.append((whole, node))
            else:
                yield whole, node
