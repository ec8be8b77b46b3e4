"""What is installed in a filesystem. One small file here per package database; CONTRIBUTING.md shows how to add one."""

from collections.abc import Iterator
from typing import Protocol

from scangate.core.model import Gap, Package
from scangate.rootfs import Files, RootFs


class Catalogue(Protocol):
    """Reads one kind of package database. Every package leaves a Package, every broken entry a Gap naming its path."""

    name: str
    """The word for it, as in purls: `deb`, `pypi`, `npm`."""

    def wants(self, path: str) -> bool:
        """Tell whether this file's content is needed. Asked for every path of an image: must be cheap."""
        ...

    def read(self, files: Files) -> Iterator[Package | Gap]:
        """Yield what is installed. `files` holds what all catalogues want: take `files.matching(self.wants)`."""
        ...


def catalogue(rootfs: RootFs) -> tuple[Package | Gap, ...]:
    """Return everything that is installed, packages first, each sorted and once; gaps are what could not be read.

    A package of a language whose files belong to a package of the distribution is that package, and not counted twice.
    Raises ScanError (see `RootFs.files`).
    """
    raise NotImplementedError(rootfs)
