"""An image in containers/storage: found by name or id, with its config and the folders of its layers."""

import base64
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from scangate.errors import ScanError
from scangate.rootfs.blobs import open_file
from scangate.rootfs.directory import DirectoryLayer
from scangate.rootfs.documents import digest, load, pairs, read_config, table, tables, text
from scangate.rootfs.image import Config, Layer
from scangate.rootfs.limits import MAX_IMAGES, MAX_LAYERS
from scangate.rootfs.reference import parse_reference
from scangate.rootfs.storage.layers import OverlayLayer, VfsLayer
from scangate.rootfs.storage.roots import stores
from scangate.rootfs.stream import Check

_ID: Final = re.compile(r"[0-9a-f]{64}")
_SHORT: Final = re.compile(r"[0-9a-f]{12,64}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]+")
_SHOWN: Final = 20


def open_image(
    name: str, *, platform: str, what: str, check: Check, resources: ExitStack
) -> tuple[Config, Sequence[DirectoryLayer]]:
    """Find the image, and prepare its layers. The config says what platform it is for. Raises ScanError."""
    del platform  # each image in this storage is for one
    there: list[str] = []
    for root, driver in (found := stores()):
        store = _Store(root, driver, check, resources)
        images = tuple(store.images())
        if image := _chosen(images, name, what):
            return store.opened(image, what)
        there += [each for image in images for each in _names(image)]
    if not found:
        raise ScanError(
            f"{what}: there is no storage of podman or buildah that can be read",
            advice="name its storage.conf in CONTAINERS_STORAGE_CONF, or save the image: podman save -o image.tar NAME",
        )
    places = ", ".join(sorted({str(root) for root, _driver in found}))
    listed = ", ".join(sorted(set(there))[:_SHOWN])[:2000] or "nothing with a name"
    raise ScanError(f"{what} is not in {places}: there is {listed}", advice="check the name: podman images")


class _Store:
    """A graph root and its driver."""

    def __init__(self, root: Path, driver: str, check: Check, resources: ExitStack) -> None:
        self._root = root
        self._driver = driver
        self._check = check
        self._resources = resources

    def images(self) -> Iterator[Mapping[str, Any]]:
        return (image for image in self._listed("images", MAX_IMAGES) if _ID.fullmatch(text(image, "id")))

    def opened(self, image: Mapping[str, Any], what: str) -> tuple[Config, Sequence[DirectoryLayer]]:
        manifest = table(self._big(image, "manifest", what), f"the manifest of {what}")
        descriptor = table(manifest.get("config"), f"`config` of the manifest of {what}")
        expected = digest(descriptor, "digest", f"the config of {what}")
        ids = self._chain(text(image, "layer"), what)
        region = self._file(image, expected, f"the config of {what}")
        config, layers = read_config(region, len(ids), expected)
        config = replace(config, annotations=pairs(manifest.get("annotations")))
        return config, [self._layer(layer, ids, what) for layer in layers]

    def _layer(self, layer: Layer, ids: Sequence[str], what: str) -> DirectoryLayer:
        check = self._check
        folders = [self._root / self._driver / each for each in ids]
        if self._driver == "vfs":
            folders = [self._root / "vfs" / "dir" / each for each in ids]
            below = folders[layer.index - 1] if layer.index else None
            return VfsLayer(folders[layer.index], check, layer, below)
        diff = folders[layer.index] / "diff"
        if not os.path.isdir(diff):  # noqa: PTH112 - never raises
            raise ScanError(f"layer {layer.index + 1} of {what} has no folder {diff}", advice="pull the image again")
        return OverlayLayer(diff, check, layer)

    def _chain(self, top: str, what: str) -> list[str]:
        """Return the ids of an image's layers, bottom first."""
        parents = {text(each, "id"): text(each, "parent") for each in self._listed("layers", 64 * MAX_IMAGES)}
        ids: list[str] = []
        while top:
            if not _ID.fullmatch(top) or top not in parents or len(ids) >= MAX_LAYERS:
                raise ScanError(f"{what} has layers that its storage does not have, or too many of them")
            ids.append(top)
            top = parents[top]
        return ids[::-1]

    def _listed(self, kind: str, most: int) -> list[Mapping[str, Any]]:
        path = self._root / f"{self._driver}-{kind}" / f"{kind}.json"
        region = open_file(path, what=str(path), check=self._check, resources=self._resources)
        return tables(load(region)[0] if region.size else [], str(path), limit=most)

    def _big(self, image: Mapping[str, Any], name: str, what: str) -> Any:
        return load(self._file(image, name, f"the {name} of {what}"))[0]

    def _file(self, image: Mapping[str, Any], name: str, what: str) -> Any:
        """Open a document that is kept with an image. A name that is no plain file name is packed into one."""
        file = name if _PLAIN.fullmatch(name) else f"={base64.b64encode(name.encode()).decode()}"
        path = self._root / f"{self._driver}-images" / text(image, "id") / file
        return open_file(path, what=what, check=self._check, resources=self._resources)


def _chosen(images: Sequence[Mapping[str, Any]], name: str, what: str) -> Mapping[str, Any] | None:
    """Pick by id or a beginning of it, by digest, or by name; a name with no registry may be in any."""
    plain = name.removeprefix("sha256:")
    by_id = [image for image in images if text(image, "id").startswith(plain)] if _SHORT.fullmatch(plain) else []
    if len(by_id) > 1:
        raise ScanError(f"{what} is the beginning of {len(by_id)} ids", advice="give more of it")
    if by_id or name.startswith("sha256:"):
        return by_id[0] if by_id else None
    reference = parse_reference(name)
    named = [(each, image) for image in images for each in _names(image)]
    if reference.digest:
        fits = [image for each, image in named if each.startswith((f"{reference.name}:", f"{reference.name}@"))]
        return next((image for image in fits if reference.digest in _digests(image)), None)
    short = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    for wanted in (str(reference), f"localhost/{short}", f"/{short}"):
        for each, image in named:
            if each == wanted or (wanted.startswith("/") and each.endswith(wanted)):
                return image
    return None


def _digests(image: Mapping[str, Any]) -> set[str]:
    return {text(image, "digest"), *_texts(image.get("digests"))}


def _names(image: Mapping[str, Any]) -> tuple[str, ...]:
    return _texts(image.get("names"))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
