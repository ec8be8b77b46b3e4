"""From what a user names to a source: the address of a mirror, a folder, or a bundle."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scangate.advisories import bundles
from scangate.advisories.folder import Folder
from scangate.advisories.mirror import Mirror
from scangate.advisories.sources import LAYOUT, Source
from scangate.errors import UsageError

OSV: Final = "https://storage.googleapis.com/osv-vulnerabilities"
"""OSV's public export: https://google.github.io/osv.dev/data/."""
MIRROR: Final = "SCANGATE_OSV_MIRROR"
_HTTP: Final = ("http://", "https://")


def is_public(place: str | None) -> bool:
    """Say whether it is OSV's own export, which holds neither KEV nor EPSS."""
    return place is None and not os.environ.get(MIRROR)


@contextmanager
def source(place: str | None, home: Path, sha256: str, check: Callable[[], None]) -> Iterator[Source]:
    """Open a place; None is the mirror that the environment names, else OSV's export. `sha256`: a bundle must have it.

    Raises UsageError when it is nothing of the kind, ScangateError when a bundle is not what its manifest says.
    """
    place = place if place is not None else os.environ.get(MIRROR) or OSV
    if sha256 and not Path(place).is_file():
        raise UsageError(
            f"{place} is no bundle, so it has no --sha256", advice="name a file made by `advisories bundle`"
        )
    if place.startswith(_HTTP):
        yield Mirror(place.rstrip("/"))
    elif Path(place).is_dir():
        yield Folder(Path(place))
    elif Path(place).is_file():
        with bundles.opened(Path(place), home, sha256, check) as unpacked:
            yield unpacked
    else:
        raise UsageError(
            f"{place} is no folder, no bundle, and no http or https address",
            advice=f"name a folder that holds {LAYOUT}, a file made by `scangate advisories bundle`, or a mirror",
        )
