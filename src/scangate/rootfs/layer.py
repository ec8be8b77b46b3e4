"""One layer, read in one pass: which names it has, and the contents of those that are wanted."""

from collections.abc import Callable
from typing import Final

from scangate.core.model import Gap
from scangate.errors import ScanError
from scangate.rootfs.contents import Content, Contents
from scangate.rootfs.limits import MAX_MEMBERS, MAX_NAME
from scangate.rootfs.stream import Stream
from scangate.rootfs.tar import Kind, Member, members
from scangate.rootfs.tree import Folder, Link, Node, Unread, enter, resolve

Wanted = Callable[[str], bool]
WHITEOUT: Final = ".wh."
OPAQUE: Final = ".wh..wh..opq"


class LayerTree:
    """Grows as a layer is read, to at most `room` entries; `made` counts them.

    `needed`: paths, not wanted, whose content wanted hard links to them share.
    """

    def __init__(self, index: int, wanted: Wanted, contents: Contents, room: int = MAX_MEMBERS) -> None:
        self.top = Folder()
        self.gaps: list[Gap] = []
        self.needed: set[str] = set()
        self.index = index
        self._wanted = wanted
        self._contents = contents
        self._unread = Unread(index)
        self.made = 0
        self._room = room
        self._origins: dict[str, str] = {}  # of hard links to files that were not asked for
        # Most members are in the folder of the one before: where each folder is, until a link or folder gives way.
        self._folders: dict[str, tuple[Folder, str]] = {}

    def file(self, path: str, size: int, read: Callable[[int], bytes]) -> None:
        folder, name, whole = self._place(path)
        self._origins.pop(whole, None)
        self._put(folder, name, self._read(whole, size, read) if self._wanted(whole) else self._unread)

    def unreadable(self, path: str, reason: str) -> None:
        """Note a file whose content cannot be had, for which a gap is left when it was wanted."""
        folder, name, whole = self._place(path)
        if self._wanted(whole):
            self.gaps.append(Gap(what=whole, reason=reason))
        self._put(folder, name, self._unread)

    def closed(self, path: str, reason: str) -> None:
        """Note a folder that cannot be read: who knows what it holds."""
        self.gaps.append(Gap(what=path, reason=f"the folder cannot be read: {reason}"))

    def wants(self, path: str) -> bool:
        return self._wanted(path)

    def other(self, path: str) -> None:
        folder, name, _whole = self._place(path)
        self._put(folder, name, self._unread)

    def link(self, path: str, target: str) -> None:
        folder, name, _whole = self._place(path)
        self._put(folder, name, Link(target))

    def hard_link(self, path: str, target: str) -> None:
        folder, name, whole = self._place(path)
        parent, _slash, last = target.rpartition("/")
        above, at = resolve(self.top, parent)
        node = above.entries.get(last) if isinstance(above, Folder) else None
        if isinstance(node, Link | Content):
            self._put(folder, name, node)
            return
        self._put(folder, name, self._unread)
        if isinstance(node, Unread):
            origin = f"{at}/{last}" if at else last
            self._origins[whole] = self._origins.get(origin, origin)
            if self._wanted(whole):
                self.needed.add(self._origins[whole])
        elif self._wanted(whole):
            self.gaps.append(Gap(what=whole, reason="it is a hard link to a file that its layer does not have"))

    def folder(self, path: str) -> None:
        place, name, _whole = self._place(path)
        if not isinstance(place.entries.get(name), Folder):
            self._put(place, name, Folder())

    def whiteout(self, path: str) -> None:
        folder, name, _whole = self._place(path)
        if name == OPAQUE:
            folder.opaque = True
        elif not name.startswith(".wh..wh.") and name[len(WHITEOUT) :] not in {"", ".", ".."}:
            folder.hidden = folder.hidden or set()
            folder.hidden.add(name[len(WHITEOUT) :])
            self._count()

    def _read(self, path: str, size: int, read: Callable[[int], bytes]) -> Node:
        if reason := self._contents.refusal(size):
            self.gaps.append(Gap(what=path, reason=reason))
            return self._unread
        return self._contents.keep(self.index, size, read)

    def _place(self, path: str) -> tuple[Folder, str, str]:
        """Return the folder that a path is in, its own name, and the path without links."""
        parent, _slash, name = path.rpartition("/")
        place = self._folders.get(parent)
        if place is None:
            place = self._folders[parent] = enter(self.top, parent, self._count)
        folder, whole = place
        if len(name) > MAX_NAME:
            raise ScanError(f"a name is longer than {MAX_NAME} characters: {path[:MAX_NAME]!r}")
        return folder, name, path if whole == parent else f"{whole}/{name}" if whole else name

    def _put(self, folder: Folder, name: str, node: Node) -> None:
        old = folder.entries.get(name)
        if old is None:
            self._count()
        elif isinstance(old, Folder | Link) and self._folders:
            self._folders.clear()
        folder.entries[name] = node

    def _count(self) -> None:
        self.made += 1
        if self.made > self._room:
            raise ScanError(f"there are more than {MAX_MEMBERS} files and folders")


def unpack(stream: Stream, tree: LayerTree) -> None:
    """Read a layer's tar into a tree. Names that lead above the root stay at the root, as the engines unpack them."""
    for member in members(stream):
        path = clean(member.name)
        if not path:
            continue
        if WHITEOUT in path and path.rpartition("/")[2].startswith(WHITEOUT):
            tree.whiteout(path)
        else:
            _add(member, path, stream, tree)


def clean(name: str) -> str:
    """Make a name relative to the root, with no empty, `.` or `..` parts."""
    name = name.removeprefix("./").removesuffix("/")
    if "//" not in name and "/." not in name and name[:1] not in {".", "/"}:
        return name
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _add(member: Member, path: str, stream: Stream, tree: LayerTree) -> None:
    kind = member.kind
    if kind is Kind.FILE:
        tree.file(path, member.size, stream.read)
    elif kind is Kind.FOLDER:
        tree.folder(path)
    elif kind is Kind.LINK:
        tree.link(path, member.link)
    elif kind is Kind.HARD_LINK:
        tree.hard_link(path, clean(member.link))
    elif kind is Kind.SPARSE:
        tree.unreadable(path, "it is stored as a sparse file, which is not read")
    else:
        tree.other(path)
