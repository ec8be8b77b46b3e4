"""Packages of Alpine, Wolfi and Chainguard: apk's list of what is installed, and the files each package brought."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.hints import Hints
from scangate.inventory.installed import Entry, from_lists, lists, stanzas, with_advisories
from scangate.inventory.os_release import NAMES, PATHS, release
from scangate.inventory.ownership import names_of
from scangate.rootfs.files import File, Files

LISTS: Final = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
"""The second is the newer one; where /lib is a link they are the same."""
_LIMIT: Final = 32 * 2**20
"""Bytes of the list; that of 1,000 packages has 8 MiB, most of it their files."""
_FIELD: Final = re.compile(r"^([PVALo]):(.*)$", re.MULTILINE)
_FILE: Final = re.compile(r"^([FR]):(.*)$", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9+_.-]{0,199}")
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z+_.~-]{0,199}")


class Apk:
    """https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2."""

    name = "apk"
    hints = Hints(folders=("lib/apk/db/", "usr/lib/apk/db/"), names=NAMES)

    def wants(self, path: str) -> bool:
        return path in LISTS or path in PATHS

    def read(self, files: Files) -> Iterator[Package | Gap]:
        distribution = release(files)
        items = from_lists("apk", files, LISTS, entries, distribution, vendor=distribution.name or "alpine")
        yield from with_advisories(items, distribution)

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to packages: an F line is a folder, the R lines below it are its files."""
        there = lists(files, LISTS)
        names = names_of(files, paths) if there else {}
        folders = {name.rpartition("/")[0] for name in names}
        found: set[str] = set()
        for path in there:
            inside, folder = False, ""
            for match in _FILE.finditer(_text(files.get(path), errors="surrogateescape")):
                key, value = match.groups()
                if key == "F":
                    inside, folder = value in folders, f"{value}/" if value else ""
                elif inside and (real := names.get(f"{folder}{value}")):
                    found.add(real)
        return frozenset(found)


def entries(file: File) -> Iterator[Entry | Gap]:
    """Read a list: every package, and a Gap for each broken entry."""
    if file.size > _LIMIT:
        yield Gap(what=file.path, reason=f"it has {file.size} bytes: at most {_LIMIT} are read of a list of packages")
        return
    for stanza in stanzas(_text(file, errors="replace")):
        # The files of a package come last, and are most of it.
        fields = dict(_FIELD.findall(stanza.partition("\nF:")[0]))
        name, version = fields.get("P", "").strip(), fields.get("V", "").strip()
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            what = f"{file.path}: {name[:100]}" if name else file.path
            yield Gap(what=what, reason="an entry of the list of packages is broken: no valid name or version")
            continue
        if name.startswith("."):
            continue  # what `apk add --virtual` makes: a name for other packages, without files
        yield Entry(
            name=name,
            version=version,
            architecture=fields.get("A", "").strip(),
            source=origin if _NAME.fullmatch(origin := fields.get("o", "").strip()) else name,
            source_version=version,
            licences=(fields.get("L", "").strip(),),
        )


def _text(file: File | None, *, errors: str) -> str:
    return file.read(0, _LIMIT).decode(errors=errors) if file else ""
