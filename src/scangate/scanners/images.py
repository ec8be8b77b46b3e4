"""An image, opened and read once for all scanners that look into images."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scangate.core.model import Target
from scangate.scanners import Context

if TYPE_CHECKING:
    from scangate.rootfs.files import Files
    from scangate.rootfs.reading import Reading
    from scangate.rootfs.view import RootFs

CACHE = "layers"
"""The folder of cached layers, in scangate's home."""


@contextmanager
def opened(target: Target, ctx: Context) -> Iterator[tuple["RootFs", "Files"]]:
    """Open the target's image, and read it. Raises ScanError.

    What is read is the same whoever asks, so that the second to ask finds every layer in the cache.
    """
    from scangate.rootfs import open_rootfs

    with open_rootfs(
        target.address, ctx.root, platform=target.platform, cache=ctx.home / CACHE, check=ctx.check, tell=ctx.tell
    ) as rootfs:
        yield rootfs, rootfs.files(reading())


def reading() -> "Reading":
    """Say what packages and image_config need of an image. Its version is raised with that of either."""
    from scangate import inventory
    from scangate.inventory.hints import fitting
    from scangate.rootfs.reading import Reading
    from scangate.scanners.image_config import looking

    fits = fitting((looking.HINTS,))
    return Reading(
        name=f"{inventory.READING.name} {inventory.READING.version} image_config",
        version=1,
        wanted=lambda path: inventory.READING.wanted(path) or (fits(path) and looking.wanted(path)),
        extractors=(*inventory.READING.extractors, *looking.EXTRACTORS),
    )
