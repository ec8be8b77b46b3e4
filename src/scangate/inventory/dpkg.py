"""Packages of Debian, Ubuntu and what is made from them: dpkg's status file, and the one file each of distroless."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.copyright import is_copyright, licence_names, licences
from scangate.inventory.hints import Hints
from scangate.inventory.installed import Entry, from_lists, package, stanzas, with_advisories
from scangate.inventory.os_release import NAMES, PATHS, Release, release
from scangate.inventory.ownership import names_of
from scangate.rootfs.files import File, Files
from scangate.rootfs.reading import Looked

_HOME: Final = "var/lib/dpkg/"
_STATUS: Final = f"{_HOME}status"
_ONE_EACH: Final = f"{_HOME}status.d/"
_LISTS: Final = f"{_HOME}info/"
_SUMS: Final = ".md5sums"
_LIMIT: Final = 32 * 2**20
"""Bytes of one status file; that of 5,000 packages has 5 MiB."""
_LIMIT_FILES: Final = 8 * 2**20
"""Bytes of one list of files; that of 30,000 files has 3 MiB."""
_FIELD: Final = re.compile(r"^(Package|Status|Version|Source|Architecture):(.*)$", re.MULTILINE | re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:~-]*")
_SOURCE: Final = re.compile(r"([^\s(]+)(?:[ \t]+\(([^)]*)\))?")
_GONE: Final = frozenset({"not-installed", "config-files"})
_STATES: Final = _GONE | {
    "half-installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending", "installed",
}  # fmt: skip


class Dpkg:
    """Every package whose files are there: installed or, as after a broken upgrade, at least unpacked."""

    name = "deb"
    version = 1
    hints = Hints(folders=(_HOME,), names=NAMES)

    def wants(self, path: str) -> bool:
        if path.startswith(_HOME):
            return path == _STATUS or _is_list(path) or path.startswith(_ONE_EACH)
        return path in PATHS

    def looks_at(self, path: str, size: int, _mode: int) -> bool:
        return is_copyright(path, size)

    def extract(self, _path: str, file: Looked) -> bytes:
        return licence_names(file)

    def read(self, files: Files) -> Iterator[Package | Gap]:
        distribution = release(files)
        vendor = distribution.name or "debian"
        items = from_lists("deb", files, (_STATUS,), entries, distribution, vendor=vendor)
        known = licences(files, self.name)
        yield from with_advisories(
            (
                replace(item, licences=known.get(item.name, ())) if isinstance(item, Package) else item
                for item in (*items, *_from_one_each(files, distribution, vendor))
            ),
            distribution,
        )
        if not files.get(_STATUS) and next(files.matching(_is_list), None):
            yield Gap(what=_STATUS, reason="the list of packages was removed, though packages are installed")

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to packages. Distroless has only the checksums of their files."""
        lists, sums = tuple(files.matching(_is_list)), tuple(files.matching(_is_sums))
        names = names_of(files, paths) if lists or sums else {}
        listed = {f"/{name}": path for name, path in names.items()}
        found: set[str] = set()
        for file in lists:
            lines = file.read(0, _LIMIT_FILES).decode(errors="surrogateescape").split("\n")
            found.update(listed[name] for name in listed.keys() & lines)
        for file in sums:
            lines = file.read(0, _LIMIT_FILES).decode(errors="surrogateescape").split("\n")
            summed = {line.partition("  ")[2].removeprefix("./") for line in lines}
            found.update(names[name] for name in names.keys() & summed)
        return frozenset(found)


def _from_one_each(files: Files, distribution: Release, vendor: str) -> Iterator[Package | Gap]:
    """The name of a file says nothing: it is the package's, and was its Base64 for some years."""
    for file in files.matching(_is_one):
        for item in entries(file):
            if isinstance(item, Gap):
                yield item
            else:
                yield package("deb", item, distribution, vendor=vendor, layer=file.layer.digest, path=file.path)


def entries(file: File) -> Iterator[Entry | Gap]:
    """Read a status file: every package whose files are there, and a Gap for each broken entry."""
    if file.size > _LIMIT:
        yield Gap(what=file.path, reason=f"it has {file.size} bytes: at most {_LIMIT} are read of a list of packages")
        return
    for stanza in stanzas(file.read().decode(errors="replace")):
        fields = {key.lower(): value.strip() for key, value in _FIELD.findall(stanza)}
        name, version = fields.get("package", ""), fields.get("version", "")
        state = fields.get("status", "install ok installed").rpartition(" ")[2]
        if state in _GONE:
            continue
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version) or state not in _STATES:
            what = f"{file.path}: {name[:100]}" if name else file.path
            yield Gap(what=what, reason="an entry of the list of packages is broken: no valid name, version or status")
            continue
        source = _SOURCE.match(fields.get("source", ""))
        yield Entry(
            name=name,
            version=version,
            architecture=fields.get("architecture", ""),
            source=source[1] if source else name,
            source_version=(source[2] if source else "") or version,
        )


def _is_one(path: str) -> bool:
    return path.startswith(_ONE_EACH) and not path.endswith(_SUMS)


def _is_sums(path: str) -> bool:
    return path.startswith(_ONE_EACH) and path.endswith(_SUMS)


def _is_list(path: str) -> bool:
    return path.startswith(_LISTS) and path.endswith(".list")
