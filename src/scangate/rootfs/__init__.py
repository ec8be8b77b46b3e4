"""One read-only view of a filesystem: a directory, an OCI layout or archive, or a docker archive.

    with open_rootfs("oci-archive:web.tar", root, check=ctx.check) as rootfs:
        files = rootfs.files(lambda path: path.endswith("/METADATA"))
        for file in files:
            file.path, file.layer, file.read()

Everything in an image is hostile: no link is followed out of it, every size is capped (limits.py), and nothing is
written to disk but large contents that were asked for, into a temporary file without a name. What goes wrong is a
ScanError. This room is the only one that opens archives.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from scangate.errors import ScanError
from scangate.rootfs.address import ImageAddress, parse_address
from scangate.rootfs.blobs import ArchiveBlobs, Blobs, FolderBlobs, open_file
from scangate.rootfs.docker import read_docker
from scangate.rootfs.files import File, Files
from scangate.rootfs.image import Config, Layer
from scangate.rootfs.oci import read_oci
from scangate.rootfs.sources import DirectoryLayer
from scangate.rootfs.stream import os_errors
from scangate.rootfs.view import RootFs

__all__ = ["Config", "File", "Files", "ImageAddress", "Layer", "RootFs", "open_rootfs", "parse_address"]


def open_rootfs(address: str, root: Path, *, check: Callable[[], None] = lambda: None) -> RootFs:
    """Open an image or a directory; close it again, or use it in a `with`.

    `address`: see address.py; a relative path in it is relative to `root`. Manifests and config are read here, layers
    by `RootFs.files`. `check` is called at least once per 256 KiB or 256 entries, and may raise to end the work.
    Raises ScanError: unknown address, not there, not an image, several images and no tag, a wrong digest, over a cap.
    """
    try:
        parsed = parse_address(address)
    except ValueError as error:
        raise ScanError(str(error), advice="correct the address of the image") from None
    resources = ExitStack()
    try:
        with os_errors(address):
            return _open(parsed, root / parsed.path, check, resources)
    except BaseException:  # whatever it was: nothing stays open
        resources.close()
        raise


def _open(address: ImageAddress, path: Path, check: Callable[[], None], resources: ExitStack) -> RootFs:
    what = f"{address.scheme}:{address.path}"
    if address.scheme in {"rootfs", "oci-layout"} and not os.path.isdir(path):  # noqa: PTH112 - never raises
        raise ScanError(f"{what}: there is no such folder", advice="check the address, or build the image first")
    if address.scheme == "rootfs":
        return RootFs(address, config=Config(), sources=[DirectoryLayer(path, check)], resources=resources, check=check)
    if address.scheme == "oci-layout":
        blobs: Blobs = FolderBlobs(path, check=check, resources=resources)
    else:
        blobs = ArchiveBlobs(open_file(path, what=what, check=check, resources=resources))
    read = read_docker if address.scheme == "docker-archive" else read_oci
    config, sources = read(blobs, address.reference, what=what)
    return RootFs(address, config=config, sources=sources, resources=resources, check=check)
