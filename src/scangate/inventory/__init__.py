"""What is installed in a filesystem. One small file here per package database; CONTRIBUTING.md shows how to add one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, Protocol

from scangate.core.model import Gap, Package
from scangate.inventory.dpkg import Dpkg
from scangate.inventory.node import Node
from scangate.inventory.python import Python
from scangate.inventory.unread import Unread, languages, unread
from scangate.rootfs.files import Files
from scangate.rootfs.view import RootFs


class Catalogue(Protocol):
    """Reads one kind of package database. Every package leaves a Package, every broken entry a Gap naming its path."""

    name: str
    """The word for it, as in purls: `deb`, `pypi`, `npm`."""

    def wants(self, path: str, /) -> bool:
        """Tell whether this file's content is needed. Asked for every path of an image: must be cheap."""
        ...

    def read(self, files: Files) -> Iterator[Package | Gap]:
        """Yield what is installed. `files` holds what all catalogues want: take `files.matching(self.wants)`.

        A Package's `layer` is the digest of the layer that brought it, its `paths` the files that say so.
        """
        ...


class Distribution(Catalogue, Protocol):
    """A catalogue of a distribution's packages, which knows which files they brought."""

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to its packages: no other catalogue gets to see them."""
        ...


DISTRIBUTIONS: Final[tuple[Distribution, ...]] = (Dpkg(),)
LANGUAGES: Final[tuple[Catalogue, ...]] = (Python(), Node())
CATALOGUES: Final[tuple[Catalogue, ...]] = (*DISTRIBUTIONS, Unread(), *LANGUAGES)
"""Every catalogue there is. A new one is added to one of the tuples above."""


def catalogue(rootfs: RootFs) -> tuple[Package | Gap, ...]:
    """Return everything that is installed, packages first, each sorted and once; gaps are what could not be read.

    A package of a language whose files belong to a package of the distribution is that package, and not counted twice.
    One that is there several times is one Package with several `paths`. Raises ScanError (see `RootFs.files`).
    """
    files = rootfs.files(_wanted)
    others = languages(files)
    paths = {file.path for file in files}.union(*others.values())
    owned = frozenset[str]().union(*(each.owned(files, paths) for each in DISTRIBUTIONS))
    rest = files.without(owned)
    items = {item for each in CATALOGUES for item in each.read(rest if each in LANGUAGES else files)}
    items.update(unread(others, owned))
    packages = [item for item in items if isinstance(item, Package)]
    gaps = {item for item in items if isinstance(item, Gap)} | set(files.gaps)
    return (*_joined(packages), *sorted(gaps))


def _wanted(path: str) -> bool:
    for each in CATALOGUES:  # noqa: SIM110 - asked for every path there is, and any() takes twice as long
        if each.wants(path):
            return True
    return False


def _joined(packages: Iterable[Package]) -> list[Package]:
    paths: dict[Package, set[str]] = {}
    for package in packages:
        paths.setdefault(replace(package, paths=()), set()).update(package.paths)
    return sorted(replace(package, paths=tuple(sorted(found))) for package, found in paths.items())
