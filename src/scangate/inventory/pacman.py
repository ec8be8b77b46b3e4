"""Packages of Arch Linux and what is made from it: pacman keeps one folder for each."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.hints import Hints
from scangate.inventory.installed import Entry, package, with_advisories
from scangate.inventory.os_release import NAMES, PATHS, release
from scangate.inventory.ownership import names_of
from scangate.rootfs.files import File, Files

HOMES: Final = ("var/lib/pacman/local/", "usr/lib/sysimage/pacman/local/")
"""The second is for distributions that keep /var for what changes as they run."""
_LIMIT: Final = 2**20
_LIMIT_FILES: Final = 8 * 2**20
_NAME: Final = re.compile(r"[A-Za-z0-9@_+][A-Za-z0-9@._+-]{0,199}")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:+_~-]{0,199}")


class Pacman:
    """https://man.archlinux.org/man/libalpm.3: `desc` says what a package is, `files` what it brought."""

    name = "alpm"
    hints = Hints(folders=HOMES, names=NAMES)

    def wants(self, path: str) -> bool:
        return _is(path, "/desc") or _is(path, "/files") or path in PATHS

    def read(self, files: Files) -> Iterator[Package | Gap]:
        distribution = release(files)
        vendor = distribution.name or "arch"
        yield from with_advisories(
            (
                item
                if isinstance(item := entry(file), Gap)
                else package("alpm", item, distribution, vendor=vendor, layer=file.layer.digest, path=file.path)
                for file in files.matching(lambda path: _is(path, "/desc"))
            ),
            distribution,
        )

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to packages."""
        lists = tuple(files.matching(lambda path: _is(path, "/files")))
        names = names_of(files, paths) if lists else {}
        found: set[str] = set()
        for file in lists:
            lines = file.read(0, _LIMIT_FILES).decode(errors="surrogateescape").split("\n")
            found.update(names[name] for name in names.keys() & lines)
        return frozenset(found)


def entry(file: File) -> Entry | Gap:
    """Read one package: a line with a word in percent signs, its values, and an empty line."""
    text = file.read(0, _LIMIT).decode(errors="replace").replace("\r\n", "\n")
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    for line in text.split("\n"):
        if len(line) > 2 and line.startswith("%") and line.endswith("%"):  # noqa: PLR2004 - the two signs
            values = fields.setdefault(line, [])
        elif line:
            values.append(line)
    name, version, source = (fields.get(key, [""])[:1] or [""] for key in ("%NAME%", "%VERSION%", "%BASE%"))
    if not _NAME.fullmatch(name[0]) or not _VERSION.fullmatch(version[0]):
        return Gap(what=file.path, reason="this package has no valid name and version")
    return Entry(
        name=name[0],
        version=version[0],
        architecture=next(iter(fields.get("%ARCH%", [])), ""),
        source=source[0] if _NAME.fullmatch(source[0]) else name[0],
        source_version=version[0],
        licences=tuple(fields.get("%LICENSE%", [])[:100]),
    )


def _is(path: str, ending: str) -> bool:
    """True for var/lib/pacman/local/NAME-VERSION/desc."""
    home = path.rpartition("/")[0].rpartition("/")[0]
    return path.endswith(ending) and f"{home}/" in HOMES
