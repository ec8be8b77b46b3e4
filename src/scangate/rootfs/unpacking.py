"""A layer's tar, put into a tree as the engines unpack it."""

from scangate.rootfs.layer import WHITEOUT, LayerTree
from scangate.rootfs.stream import Stream
from scangate.rootfs.tar import Kind, Member, members


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
        tree.file(path, member.size, stream.read, member.mode)
    elif kind is Kind.FOLDER:
        tree.folder(path, member.mode)
    elif kind is Kind.LINK:
        tree.link(path, member.link)
    elif kind is Kind.HARD_LINK:
        tree.hard_link(path, clean(member.link), member.mode)
    elif kind is Kind.SPARSE:
        tree.unreadable(path, "it is stored as a sparse file, which is not read")
    else:
        tree.other(path)
