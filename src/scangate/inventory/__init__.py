"""What is installed in a filesystem. One small file here per package database; CONTRIBUTING.md shows how to add one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, Protocol

from scangate.core.model import Gap, Package
from scangate.inventory.apk import Apk
from scangate.inventory.beam import Beam
from scangate.inventory.bitnami import Bitnami
from scangate.inventory.cms import Cms
from scangate.inventory.conda import Conda
from scangate.inventory.dotnet import DotNet
from scangate.inventory.dpkg import Dpkg
from scangate.inventory.go import Go
from scangate.inventory.hints import Hints, fitting
from scangate.inventory.java import Java
from scangate.inventory.locks import LOCKS, superseded
from scangate.inventory.node import Node
from scangate.inventory.opkg import Opkg
from scangate.inventory.pacman import Pacman
from scangate.inventory.php import Php
from scangate.inventory.programs import Programs
from scangate.inventory.python import Python
from scangate.inventory.r import R
from scangate.inventory.rpm.catalogue import Rpm
from scangate.inventory.ruby import Ruby
from scangate.inventory.rust import Rust
from scangate.inventory.unread import Unread
from scangate.inventory.zipapp import Zipapp
from scangate.rootfs.files import Files
from scangate.rootfs.reading import Extractor, Reading


class Catalogue(Protocol):
    """Reads one kind of package database. Every package leaves a Package, every broken entry a Gap naming its path."""

    name: str
    """The word for it, as in purls: `deb`, `pypi`, `npm`."""
    hints: Hints
    """Which paths `wants` may say yes to: it is asked about those only."""

    def wants(self, path: str, /) -> bool:
        """Tell whether this file's content is needed, whole."""
        ...

    def read(self, files: Files) -> Iterator[Package | Gap]:
        """Yield what is installed. `files` holds what all catalogues want: take `files.matching(self.wants)`.

        A catalogue that is an `Extractor`, too, finds in `files.extracts(self.name)` what it kept.
        A Package's `layer` is the digest of the layer that brought it, its `paths` the files that say so.
        """
        ...


class Distribution(Catalogue, Protocol):
    """A catalogue of a distribution's packages, which knows which files they brought."""

    def owned(self, files: Files, paths: Iterable[str]) -> frozenset[str]:
        """Return which of the paths belong to its packages: no other catalogue gets to see them."""
        ...


_DPKG: Final = Dpkg()
DISTRIBUTIONS: Final[tuple[Distribution, ...]] = (_DPKG, Apk(), Rpm(), Pacman(), Opkg())
_PROGRAMS: Final = (Go(), Java(), Programs(), Rust(), Zipapp())
EXTRACTORS: Final[tuple[Extractor, ...]] = (_DPKG, *_PROGRAMS)
"""Those catalogues that look into files while a layer is read."""
LANGUAGES: Final[tuple[Catalogue, ...]] = (
    *(Python(), Node(), Ruby(), Php(), DotNet(), Beam(), R(), Conda(), Cms(), Bitnami()),
    *_PROGRAMS,
    *LOCKS,
)
CATALOGUES: Final[tuple[Catalogue, ...]] = (*DISTRIBUTIONS, Unread(), *LANGUAGES)
"""Every catalogue there is. A new one is added to one of the tuples above."""
_FITS: Final = fitting(each.hints for each in CATALOGUES)


def _wanted(path: str) -> bool:
    if not _FITS(path):
        return False
    for each in CATALOGUES:  # noqa: SIM110 - asked very often, and any() takes twice as long
        if each.wants(path):
            return True
    return False


READING: Final = Reading(name="inventory", version=1, wanted=_wanted, extractors=EXTRACTORS)
"""What catalogues need of a filesystem. The version is raised when one of them wants other files than before."""


def catalogue(files: Files) -> tuple[Package | Gap, ...]:
    """Return everything that is installed, packages first, each sorted and once; gaps are what could not be read.

    `files`: read with READING, or with more. A package of a language whose files belong to a
    package of the distribution is that package, and not counted twice. One that is there several times is one Package
    with several `paths`.
    """
    paths = files.looked_into()
    owned = frozenset[str]().union(*(each.owned(files, paths) for each in DISTRIBUTIONS))
    rest = files.without(owned)
    items = {item for each in CATALOGUES for item in each.read(rest if each in LANGUAGES else files)}
    packages = [item for item in items if isinstance(item, Package)]
    gaps = {item for item in items if isinstance(item, Gap)} | set(files.gaps)
    return (*_joined(superseded(packages)), *sorted(gaps))


def _joined(packages: Iterable[Package]) -> list[Package]:
    paths: dict[Package, set[str]] = {}
    for package in packages:
        paths.setdefault(replace(package, paths=()), set()).update(package.paths)
    return sorted(replace(package, paths=tuple(sorted(found))) for package, found in paths.items())
