"""From an address to a view: which reader is for which scheme."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scangate.errors import ScanError
from scangate.rootfs.address import REGISTRY, ImageAddress
from scangate.rootfs.blobs import ArchiveBlobs, FolderBlobs, open_file
from scangate.rootfs.cache import LayerCache
from scangate.rootfs.directory import DirectoryLayer
from scangate.rootfs.docker import read_docker
from scangate.rootfs.image import Config
from scangate.rootfs.oci import read_oci
from scangate.rootfs.platforms import fits
from scangate.rootfs.reference import parse_reference
from scangate.rootfs.stream import Check, os_errors
from scangate.rootfs.view import LayerSource, RootFs

Read = tuple[Config, Sequence[LayerSource]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is to be opened. `path` is that of the address, where it is one."""

    address: ImageAddress
    path: Path
    platform: str
    check: Check
    tell: Callable[[str], None]
    resources: ExitStack
    what: str


def open_address(
    address: ImageAddress,
    root: Path,
    *,
    platform: str,
    cache: LayerCache,
    check: Check,
    tell: Callable[[str], None] = lambda _text: None,
) -> RootFs:
    """See `open_rootfs`."""
    resources = ExitStack()
    what = str(ImageAddress(scheme=address.scheme, path=address.path))
    try:
        with os_errors(what):
            config, sources = _READERS[address.scheme](
                _Asked(
                    address=address,
                    path=root / address.path,
                    platform=platform,
                    check=check,
                    tell=tell,
                    resources=resources,
                    what=what,
                )
            )
            _compare(config, platform, what)
            return RootFs(address, config=config, sources=sources, resources=resources, cache=cache, check=check)
    except BaseException:  # whatever it was: nothing stays open
        resources.close()
        raise


def _compare(config: Config, platform: str, what: str) -> None:
    there = f"{config.os}/{config.architecture}" if config.os and config.architecture else ""
    if not fits(there, platform):
        raise ScanError(
            f"{what} is for {there}, and not for {platform}", advice="correct the target's `platform`, or build for it"
        )


def _rootfs(asked: _Asked) -> Read:
    _need_folder(asked)
    return Config(), [DirectoryLayer(asked.path, asked.check)]


def _oci_layout(asked: _Asked) -> Read:
    _need_folder(asked)
    blobs = FolderBlobs(asked.path, check=asked.check, resources=asked.resources)
    return read_oci(blobs, asked.address.reference, platform=asked.platform, what=asked.what)


def _oci_archive(asked: _Asked) -> Read:
    return read_oci(_archive(asked), asked.address.reference, platform=asked.platform, what=asked.what)


def _docker_archive(asked: _Asked) -> Read:
    return read_docker(_archive(asked), asked.address.reference, platform=asked.platform, what=asked.what)


def _docker_daemon(asked: _Asked) -> Read:
    from scangate.rootfs import daemon

    region = daemon.export(
        asked.address.path, what=asked.what, check=asked.check, tell=asked.tell, resources=asked.resources
    )
    return read_docker(ArchiveBlobs(region), "", platform=asked.platform, what=asked.what)


def _containers_storage(asked: _Asked) -> Read:
    from scangate.rootfs import storage

    return storage.open_image(
        asked.address.path, platform=asked.platform, what=asked.what, check=asked.check, resources=asked.resources
    )


def _registry(asked: _Asked) -> Read:
    from scangate.rootfs import registry

    return registry.open_image(
        parse_reference(asked.address.path),
        platform=asked.platform,
        check=asked.check,
        tell=asked.tell,
        resources=asked.resources,
    )


_READERS: Final[dict[str, Callable[[_Asked], Read]]] = {
    "rootfs": _rootfs,
    "oci-layout": _oci_layout,
    "oci-archive": _oci_archive,
    "docker-archive": _docker_archive,
    "docker-daemon": _docker_daemon,
    "containers-storage": _containers_storage,
    REGISTRY: _registry,
}


def _need_folder(asked: _Asked) -> None:
    if not os.path.isdir(asked.path):  # noqa: PTH112 - never raises
        message = f"{asked.what}: there is no such folder"
        raise ScanError(message, advice="check the address, or build the image first")


def _archive(asked: _Asked) -> ArchiveBlobs:
    return ArchiveBlobs(open_file(asked.path, what=asked.what, check=asked.check, resources=asked.resources))
