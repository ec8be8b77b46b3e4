"""Packages of Red Hat, Fedora, SUSE and all that is built from them."""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.hints import Hints
from scangate.inventory.installed import Entry, from_lists, package, since, with_advisories
from scangate.inventory.os_release import NAMES, PATHS, Release, release
from scangate.inventory.ownership import names_of
from scangate.inventory.rpm import bdb, manifest, ndb, sqlite
from scangate.inventory.rpm.header import Header
from scangate.rootfs.files import File, Files

_FOLDERS: Final = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_READERS: Final[Mapping[str, Callable[[File], Iterator[bytes]]]] = MappingProxyType(
    {"rpmdb.sqlite": sqlite.headers, "Packages.db": ndb.headers, "Packages": bdb.headers}
)
"""The kinds of database, newest first: RPM converts an older one, and then reads the newer only."""
_LOG: Final = "-wal"
_TOO_MUCH: Final = "its packages are larger than the file"
LISTS: Final = (*(f"{folder}/{name}" for folder in _FOLDERS for name in _READERS), manifest.PATH)
_WANTED: Final = frozenset({*LISTS, *(f"{each}{_LOG}" for each in LISTS), *PATHS})
_VENDORS: Final = MappingProxyType(
    {"opensuse-leap": "opensuse", "opensuse-microos": "opensuse", "opensuse-tumbleweed": "opensuse"}
    | {"rhel": "redhat", "sled": "suse", "sles": "suse"}
)
"""What purls call a distribution where it is not its ID."""


class Rpm:
    """Every package in the database; keys for signatures, which are in it as well, are none."""

    name = "rpm"
    hints = Hints(folders=tuple(f"{each}/" for each in (*_FOLDERS, "var/lib/rpmmanifest")), names=NAMES)

    def wants(self, path: str) -> bool:
        return path in _WANTED

    def read(self, files: Files) -> Iterator[Package | Gap]:
        distribution = release(files)
        yield from with_advisories(_packages(files, distribution), distribution)

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to packages."""
        databases = tuple(_databases(files))
        folders: dict[str, dict[str, str]] = {}
        for name, path in names_of(files, paths).items() if databases else ():
            folder, _slash, last = f"/{name}".rpartition("/")
            folders.setdefault(f"{folder}/", {})[last] = path
        found: set[str] = set()
        for database, _others in databases:
            if file := files.get(database):
                for header in _headers(file, files.get(f"{database}{_LOG}")):
                    if isinstance(header, Header):
                        found.update(header.owns(folders))
        return frozenset(found)


def _packages(files: Files, distribution: Release) -> Iterator[Package | Gap]:
    vendor = _VENDORS.get(distribution.name, distribution.name)
    for path, others in _databases(files):
        reason = f"a second list of packages, which RPM does not read beside {path}"
        yield from (Gap(what=each, reason=reason) for each in others)
        found = tuple(since(_versions(files, path)))
        epochs = _epochs(item[0] for item in found if not isinstance(item, Gap))
        for item in found:
            if isinstance(item, Gap):
                yield item
                continue
            entry, layer = item
            known = epochs.get((entry.source, entry.source_version.rpartition(":")[2]))
            entry = entry if known is None else replace(entry, source_version=known)
            yield package("rpm", entry, distribution, vendor=vendor, layer=layer, path=path)
    yield from from_lists("rpm", files, (manifest.PATH,), manifest.entries, distribution, vendor=vendor)


def _databases(files: Files) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the database of each folder, without links, and the paths of others that lie beside it."""
    seen: set[str] = set()
    for folder in _FOLDERS:
        if (real := files.real(folder)) and real not in seen:
            seen.add(real)
            there = [file.path for name in _READERS if (file := files.get(f"{folder}/{name}"))]
            if there:
                yield there[0], tuple(there[1:])


def _versions(files: Files, path: str) -> Iterator[tuple[str, Iterable[Entry | Gap]]]:
    """Yield the list as each layer has it. A log counts from its layer on, until the database is written anew."""
    databases = {layer.index: (layer, file) for layer, file in files.versions(path)}
    logs = {layer.index: (layer, file) for layer, file in files.versions(f"{path}{_LOG}")}
    if not files.get(f"{path}{_LOG}"):
        logs = {}
    file: File | None = None
    for index in sorted(databases.keys() | logs.keys()):
        layer, file = databases.get(index, (None, file))
        log_layer, log = logs.get(index, (None, None))
        if file and (newest := layer or log_layer):
            yield newest.digest, _entries(file, log)


def _entries(file: File, log: File | None) -> Iterator[Entry | Gap]:
    for header in _headers(file, log):
        if isinstance(header, Gap):
            yield header
            continue
        try:
            entry = header.entry()
        except ValueError as error:
            yield Gap(what=file.path, reason=f"an entry of the list of packages is broken: {error}")
            continue
        if entry:
            yield entry


def _headers(file: File, log: File | None) -> Iterator[Header | Gap]:
    read = _READERS[file.path.rpartition("/")[2]]
    room = file.size + (log.size if log else 0)
    try:
        for data in sqlite.headers(file, log) if read is sqlite.headers else read(file):
            room -= len(data)
            if room < 0:
                raise ValueError(_TOO_MUCH)  # noqa: TRY301 - what the readers raise
            try:
                yield Header(data)
            except ValueError as error:
                yield Gap(what=file.path, reason=f"an entry of the list of packages is broken: {error}")
    except (ValueError, struct.error) as error:
        yield Gap(what=file.path, reason=f"not all packages of it could be read: {error}")


def _epochs(entries: Iterable[Entry]) -> Mapping[tuple[str, str], str]:
    """Return the version of a source package with its epoch, which the name of its file does not have.

    It is that of a package of the same version, better of one of the same name: others may have epochs of their own.
    """
    found: dict[tuple[str, str], str] = {}
    for entry in entries:
        if entry.number == entry.source_version.rpartition(":")[2]:
            key = (entry.source, entry.number)
            if entry.name == entry.source or key not in found:
                found[key] = entry.version
    return found
