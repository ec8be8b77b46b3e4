"""One read-only view of a filesystem: an image in a registry, an archive or an engine, or a directory.

    with open_rootfs("oci-archive:web.tar", root, check=ctx.check) as rootfs:
        files = rootfs.files(Reading(name="metadata", version=1, wanted=lambda path: path.endswith("/METADATA")))
        for file in files:
            file.path, file.layer, file.read()

See view.py for `RootFs`, reading.py for `Reading`, files.py for `Files` and `File`. Everything in an image is hostile:
no link is followed out of it, every size is capped (limits.py), and nothing is written to disk but what is fetched and
large contents that were asked for, into temporary files without a name, and what is cached of a layer (cache.py). What
goes wrong is a ScanError. This room is the only one that opens archives.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scangate.errors import ScanError
from scangate.rootfs.address import ImageAddress, parse_address
from scangate.rootfs.image import Config, Layer

if TYPE_CHECKING:
    from scangate.rootfs.view import RootFs

__all__ = ["Config", "ImageAddress", "Layer", "open_rootfs", "parse_address"]


def open_rootfs(
    address: str,
    root: Path,
    *,
    platform: str = "",
    cache: Path | None = None,
    check: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda _text: None,
) -> "RootFs":
    """Open an image or a directory; close it again, or use it in a `with`.

    `address`: see address.py; a relative path in it is relative to `root`. `platform`: which of several an image is
    made for, as `linux/arm64`. `cache`: the folder that layers are cached in, if they are to be. Manifests and config
    are read here, layers by `RootFs.files`. `check` is called at least once per 256 KiB or 64 entries, and may raise to
    end the work. `tell` gets a line when something is fetched.
    Raises ScanError: unknown address, not there, not an image, several images and no tag, a wrong digest, over a cap.
    """
    from scangate.rootfs.cache import LayerCache
    from scangate.rootfs.opening import open_address

    try:
        parsed = parse_address(address)
    except ValueError as error:
        raise ScanError(str(error), advice="correct the address of the image") from None
    return open_address(parsed, root, platform=platform, cache=LayerCache(cache), check=check, tell=tell)
