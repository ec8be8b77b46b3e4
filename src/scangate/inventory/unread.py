"""Package databases that are known, and not read yet: what they list is a gap, never nothing."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.rootfs.files import Files

_DATABASES: Final = {
    "lib/apk/db/installed": "apk",
    "usr/lib/apk/db/installed": "apk",
    "usr/lib/opkg/status": "opkg",
    "usr/lib/sysimage/rpm/Packages.db": "rpm",
    "usr/lib/sysimage/rpm/rpmdb.sqlite": "rpm",
    "var/db/pkg": "portage",
    "var/lib/chisel/manifest.wall": "chisel",
    "var/lib/opkg/status": "opkg",
    "var/lib/pacman/local": "pacman",
    "var/lib/rpm/Packages": "rpm",
    "var/lib/rpm/Packages.db": "rpm",
    "var/lib/rpm/rpmdb.sqlite": "rpm",
}


class Unread:
    """Looks only whether they are there."""

    name = "unread"

    def wants(self, _path: str) -> bool:
        return False

    def read(self, files: Files) -> Iterator[Package | Gap]:
        seen: set[str] = set()
        for path, tool in _DATABASES.items():
            if (real := files.real(path)) and real not in seen:
                seen.add(real)
                yield Gap(what=path, reason=f"the packages of {tool} are not read by this version")
