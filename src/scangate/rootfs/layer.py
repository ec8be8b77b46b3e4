"""One layer, read in one pass: which names it has, and the contents of those that are wanted."""

from collections.abc import Callable
from contextlib import closing
from typing import Final

from scangate.core.model import Gap
from scangate.errors import ScanError
from scangate.rootfs.contents import Content, Contents
from scangate.rootfs.limits import MAX_MEMBERS, MAX_NAME
from scangate.rootfs.looking import Examiner, Looking
from scangate.rootfs.reading import Extractor, Reading
from scangate.rootfs.tree import Examined, Folder, Link, Node, Unread, enter, resolve

WHITEOUT: Final = ".wh."
OPAQUE: Final = ".wh..wh..opq"
NOTABLE: Final = 0o6002
"""Mode bits worth knowing of: setuid, setgid, writable by everybody."""


class LayerTree:
    """Grows as a layer is read, to at most `room` entries; `made` counts them.

    `more`: paths whose content is kept though nobody wants them by this name. `needed`: paths, not wanted, whose
    content wanted hard links to them share. `modes`: of folders, and of files where they are NOTABLE.
    """

    def __init__(
        self,
        index: int,
        reading: Reading,
        contents: Contents,
        room: int = MAX_MEMBERS,
        *,
        more: frozenset[str] = frozenset(),
    ) -> None:
        self.top = Folder()
        self.gaps: list[Gap] = []
        self.needed: set[str] = set()
        self.modes: dict[str, int] = {}
        self.index = index
        self.made = 0
        self.refused = False
        self._wanted = reading.wanted
        self._more = more
        self._examiner = Examiner(reading.extractors, self.gaps)
        self._contents = contents
        self._unread = Unread(index)
        self._room = room
        self._origins: dict[str, str] = {}  # of hard links to files that were not asked for
        # Most members are in the folder of the one before: where each folder is, until a link or folder gives way.
        self._folders: dict[str, tuple[Folder, str]] = {}

    def file(self, path: str, size: int, read: Callable[[int], bytes], mode: int = 0) -> None:
        folder, name, whole = self._place(path)
        self._origins.pop(whole, None)
        self._note(whole, mode)
        wanted, lookers = self.wants(whole), self._examiner.lookers(whole, size, mode)
        node: Node = self._unread
        if lookers and size:
            node = self._look(whole, size, read, lookers, wanted=wanted)
        elif wanted:
            node = self._read(whole, size, read)
        self._put(folder, name, node)

    def unreadable(self, path: str, reason: str) -> None:
        """Note a file whose content cannot be had, for which a gap is left when it was wanted."""
        folder, name, whole = self._place(path)
        if self.wants(whole) or self._examiner.lookers(whole, 1, 0):
            self.gaps.append(Gap(what=whole, reason=reason))
        self._put(folder, name, self._unread)

    def closed(self, path: str, reason: str) -> None:
        """Note a folder that cannot be read: who knows what it holds."""
        self.gaps.append(Gap(what=path, reason=f"the folder cannot be read: {reason}"))

    def wants(self, path: str) -> bool:
        return self._wanted(path) or path in self._more

    def looks(self, path: str, size: int, mode: int) -> bool:
        """Tell whether a file has to be opened at all."""
        return self.wants(path) or bool(self._examiner.lookers(path, size, mode))

    def other(self, path: str, mode: int = 0) -> None:
        folder, name, whole = self._place(path)
        self._note(whole, mode)
        self._put(folder, name, self._unread)

    def link(self, path: str, target: str) -> None:
        folder, name, _whole = self._place(path)
        self._put(folder, name, Link(target))

    def hard_link(self, path: str, target: str, mode: int = 0) -> None:
        folder, name, whole = self._place(path)
        self._note(whole, mode)
        parent, _slash, last = target.rpartition("/")
        above, at = resolve(self.top, parent)
        node = above.entries.get(last) if isinstance(above, Folder) else None
        if isinstance(node, Link | Content | Examined):
            self._put(folder, name, node)
            return
        self._put(folder, name, self._unread)
        if isinstance(node, Unread):
            origin = f"{at}/{last}" if at else last
            self._origins[whole] = self._origins.get(origin, origin)
            if self.wants(whole):
                self.needed.add(self._origins[whole])
            elif self._examiner.lookers(whole, 1, 0):  # by its name alone: by size and mode it was looked at before
                self.gaps.append(Gap(what=whole, reason="it is a hard link to a file that was not looked into"))
        elif self.wants(whole):
            self.gaps.append(Gap(what=whole, reason="it is a hard link to a file that its layer does not have"))

    def folder(self, path: str, mode: int = 0) -> None:
        place, name, whole = self._place(path)
        self.modes[whole] = mode
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

    def _note(self, path: str, mode: int) -> None:
        if mode & NOTABLE:
            self.modes[path] = mode

    def _look(
        self, path: str, size: int, read: Callable[[int], bytes], lookers: list[Extractor], *, wanted: bool
    ) -> Node:
        with closing(Looking(size, read)) as file:
            parts = self._examiner.examine(path, file, lookers)
            if wanted:
                node = self._read(path, size, file.take)
                if isinstance(node, Content):
                    node.parts = parts
                return node
        return Examined(self.index, parts) if parts else self._unread

    def _read(self, path: str, size: int, read: Callable[[int], bytes]) -> Node:
        if reason := self._contents.refusal(size):
            self.refused = True
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
