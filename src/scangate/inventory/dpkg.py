"""Packages of Debian, Ubuntu and what is made from them: dpkg's status file, and the one file each of distroless."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scangate.core.model import Gap, Package
from scangate.inventory.os_release import PATHS, Release, release
from scangate.inventory.purl import purl
from scangate.rootfs.files import File, Files

_HOME: Final = "var/lib/dpkg/"
_STATUS: Final = f"{_HOME}status"
_ONE_EACH: Final = f"{_HOME}status.d/"
_LISTS: Final = f"{_HOME}info/"
_LIMIT: Final = 32 * 2**20
"""Bytes of one status file; that of 5,000 packages has 5 MiB."""
_FIELD: Final = re.compile(r"^(Package|Status|Version|Source|Architecture):(.*)$", re.MULTILINE | re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:~-]*")
_SOURCE: Final = re.compile(r"([^\s(]+)(?:[ \t]+\(([^)]*)\))?")
_GONE: Final = frozenset({"not-installed", "config-files"})
_STATES: Final = _GONE | {
    "half-installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending", "installed",
}  # fmt: skip
_MERGED: Final = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")


class _Entry(NamedTuple):
    name: str
    version: str
    architecture: str
    source: str
    source_version: str


class Dpkg:
    """Every package whose files are there: installed or, as after a broken upgrade, at least unpacked."""

    name = "deb"

    def wants(self, path: str) -> bool:
        if path.startswith(_HOME):
            return path == _STATUS or (path.startswith(_LISTS) and path.endswith(".list")) or _is_one(path)
        return path in PATHS

    def read(self, files: Files) -> Iterator[Package | Gap]:
        distribution = release(files)
        empty = True
        for item in (*_from_status(files, distribution), *_from_one_each(files, distribution)):
            empty = empty and isinstance(item, Gap)
            yield item
        if not empty and not distribution.ecosystem:
            yield Gap(what=PATHS[0], reason=f"{_known(distribution)}: its packages cannot be compared with advisories")
        if not files.get(_STATUS) and next(files.matching(_is_list), None):
            yield Gap(what=_STATUS, reason="the list of packages was removed, though packages are installed")

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to packages."""
        names = {f"/{path}": path for path in paths}
        for short in _MERGED:  # /lib is usr/lib, but the lists may say /lib
            if (real := files.real(short)) not in {"", short}:
                inside = [path for path in names.values() if path.startswith(f"{real}/")]
                names |= {f"/{short}{path[len(real) :]}": path for path in inside}
        found: set[str] = set()
        for file in files.matching(_is_list):
            found.update(names.keys() & file.read(0, _LIMIT).decode(errors="surrogateescape").split("\n"))
        return frozenset(names[name] for name in found)


def _from_status(files: Files, distribution: Release) -> Iterator[Package | Gap]:
    """The layer of a package is the one since which it has been there at this version without a break."""
    entries: dict[tuple[str, str], tuple[_Entry, str]] = {}
    gaps: list[Gap] = []
    for layer, file in files.versions(_STATUS):
        before, entries, gaps = entries, {}, []
        for entry in _entries(file):
            if isinstance(entry, Gap):
                gaps.append(entry)
                continue
            key = (entry.name, entry.architecture)
            old, since = before.get(key, (None, ""))
            entries[key] = entry, since if old and old.version == entry.version else layer.digest
    if not files.get(_STATUS):
        return  # removed by a layer above
    yield from gaps
    for entry, layer_digest in entries.values():
        yield _package(entry, layer_digest, _STATUS, distribution)


def _from_one_each(files: Files, distribution: Release) -> Iterator[Package | Gap]:
    for file in files.matching(_is_one):
        for entry in _entries(file):
            yield entry if isinstance(entry, Gap) else _package(entry, file.layer.digest, file.path, distribution)


def _entries(file: File) -> Iterator[_Entry | Gap]:
    if file.size > _LIMIT:
        yield Gap(what=file.path, reason=f"it has {file.size} bytes: at most {_LIMIT} are read of a list of packages")
        return
    for stanza in file.read().decode(errors="replace").split("\n\n"):
        if not stanza.strip():
            continue
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
        yield _Entry(
            name=name,
            version=version,
            architecture=fields.get("architecture", ""),
            source=source[1] if source else name,
            source_version=(source[2] if source else "") or version,
        )


def _package(entry: _Entry, layer: str, path: str, distribution: Release) -> Package:
    vendor = distribution.name or "debian"
    distro = f"{vendor}-{distribution.version}" if distribution.version else ""
    return Package(
        name=entry.name,
        version=entry.version,
        ecosystem=distribution.ecosystem,
        purl=purl("deb", vendor, entry.name.lower(), entry.version, {"arch": entry.architecture, "distro": distro}),
        source=entry.source,
        source_version=entry.source_version,
        layer=layer,
        paths=(path,),
    )


def _known(distribution: Release) -> str:
    if not distribution.name:
        return "which distribution this is, is not said"
    return f"{distribution.title[:100]} is not a release of Debian or Ubuntu that has advisories"


def _is_one(path: str) -> bool:
    return path.startswith(_ONE_EACH) and not path.endswith(".md5sums")


def _is_list(path: str) -> bool:
    return path.startswith(_LISTS) and path.endswith(".list")
