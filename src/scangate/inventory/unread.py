"""Packages that are known to be there, and not read yet: a gap, never nothing."""

from collections.abc import Iterator, Mapping
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


_LANGUAGES: Final = {
    "Java": (".jar", ".war", ".ear"),
    "PHP": ("/composer.lock", "/composer/installed.json"),
    "Ruby": (".gemspec", "/Gemfile.lock"),
    ".NET": (".deps.json",),
}


def languages(files: Files) -> Mapping[str, tuple[str, ...]]:
    """Find what packages of languages that are not read yet would lie in, by language."""
    return {language: files.named(endings) for language, endings in _LANGUAGES.items()}


def unread(found: Mapping[str, tuple[str, ...]], owned: frozenset[str]) -> Iterator[Gap]:
    """Give one gap for each such language, unless all of it belongs to packages of the distribution."""
    for language, paths in found.items():
        if rest := [path for path in paths if path not in owned]:
            more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
            yield Gap(what=rest[0] + more, reason=f"the packages of {language} are not read by this version")


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
