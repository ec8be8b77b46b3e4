"""From an address to a view: which reader is for which scheme."""

import os
from contextlib import ExitStack
from pathlib import Path

from scangate.errors import ScanError
from scangate.rootfs.address import ImageAddress
from scangate.rootfs.blobs import ArchiveBlobs, Blobs, FolderBlobs, open_file
from scangate.rootfs.docker import read_docker
from scangate.rootfs.image import Config
from scangate.rootfs.oci import read_oci
from scangate.rootfs.sources import DirectoryLayer
from scangate.rootfs.stream import Check, os_errors
from scangate.rootfs.view import RootFs


def open_address(address: ImageAddress, root: Path, check: Check) -> RootFs:
    """See `open_rootfs`."""
    resources = ExitStack()
    try:
        with os_errors(f"{address.scheme}:{address.path}"):
            return _open(address, root / address.path, check, resources)
    except BaseException:  # whatever it was: nothing stays open
        resources.close()
        raise


def _open(address: ImageAddress, path: Path, check: Check, resources: ExitStack) -> RootFs:
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
