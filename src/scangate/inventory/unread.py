"""Packages that are known to be there, and not read yet: a gap, never nothing."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory import apk, opkg, pacman, rpm
from scangate.inventory.hints import Hints
from scangate.inventory.os_release import NAMES, PATHS, release
from scangate.rootfs.files import Files

_DATABASES: Final = {
    "nix/store": "Nix",
    "var/db/pkg": "portage",
    "var/lib/chisel/manifest.wall": "chisel",
}
_READ: Final = (
    *("var/lib/dpkg/status", "var/lib/dpkg/status.d", "var/lib/dpkg/info"),
    *apk.LISTS,
    *opkg.LISTS,
    *pacman.HOMES,
    *rpm.LISTS,
)
"""Where other catalogues find lists of packages."""


class Unread:
    """Looks only whether they are there."""

    name = "unread"
    hints = Hints(names=NAMES)

    def wants(self, path: str) -> bool:
        return path in PATHS

    def read(self, files: Files) -> Iterator[Package | Gap]:
        there = {path: tool for path, tool in _DATABASES.items() if files.exists(path)}
        for path, tool in there.items():
            yield Gap(what=path, reason=f"the packages of {tool} are not read by this version")
        distribution = release(files)
        if distribution.name and not there and not any(files.exists(path) for path in _READ):
            reason = f"it says {distribution.title[:100]}, but there is no list of its packages: they are not known"
            yield Gap(what=PATHS[0], reason=reason)
