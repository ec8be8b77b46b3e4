"""Which paths a catalogue may want, as data: one look at a path asks all catalogues at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """A path fits when any of these does: its last name, its ending, a folder it begins with (`var/lib/dpkg/`)."""

    names: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def fitting(hints: Iterable[Hints]) -> Callable[[str], bool]:
    """Make one test out of many: called for every path of an image, which may be a million."""
    every = tuple(hints)
    names = frozenset[str]().union(*(each.names for each in every))
    endings = tuple(sorted({ending for each in every for ending in each.endings}))
    folders = tuple(sorted({folder for each in every for folder in each.folders}))

    def fits(path: str) -> bool:
        return path.endswith(endings) or path.startswith(folders) or path[path.rfind("/") + 1 :] in names

    return fits
