"""Packages of OpenWrt and Yocto: opkg's status file, which is written as dpkg's is."""

from collections.abc import Iterable, Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.dpkg import entries
from scangate.inventory.hints import Hints
from scangate.inventory.installed import from_lists, with_advisories
from scangate.inventory.os_release import NAMES, PATHS, release
from scangate.inventory.ownership import names_of
from scangate.rootfs.files import Files

_HOMES: Final = ("usr/lib/opkg/", "var/lib/opkg/")
LISTS: Final = tuple(f"{home}status" for home in _HOMES)
_LIMIT: Final = 8 * 2**20


class Opkg:
    """https://openwrt.org/docs/guide-user/additional-software/opkg."""

    name = "opkg"
    hints = Hints(folders=_HOMES, names=NAMES)

    def wants(self, path: str) -> bool:
        return path in LISTS or _is_list(path) or path in PATHS

    def read(self, files: Files) -> Iterator[Package | Gap]:
        distribution = release(files)
        items = from_lists("opkg", files, LISTS, entries, distribution, vendor=distribution.name or "openwrt")
        yield from with_advisories(items, distribution)

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to packages. A line is a path, and may have its mode after a tab."""
        lists = tuple(files.matching(_is_list))
        names = names_of(files, paths) if lists else {}
        found: set[str] = set()
        for file in lists:
            lines = file.read(0, _LIMIT).decode(errors="surrogateescape").split("\n")
            listed = {line.partition("\t")[0].lstrip("/") for line in lines}
            found.update(names[name] for name in names.keys() & listed)
        return frozenset(found)


def _is_list(path: str) -> bool:
    return path.startswith(_HOMES) and path.endswith(".list")
