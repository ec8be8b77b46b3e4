"""An image as OCI describes it: index, manifest, config, layers, each verified by its digest.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from scangate.errors import ScanError
from scangate.rootfs.blobs import Blobs, need
from scangate.rootfs.choice import Candidate, choose
from scangate.rootfs.documents import digest, load, pairs, read_config, table, tables, text
from scangate.rootfs.image import Config, Layer
from scangate.rootfs.limits import MAX_INDEXES
from scangate.rootfs.platforms import platform_of
from scangate.rootfs.signatures import is_signed
from scangate.rootfs.sources import TarLayer
from scangate.rootfs.stream import Region

MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_NAMES: Final = ("org.opencontainers.image.ref.name", "io.containerd.image.name")
_ATTESTATION: Final = "vnd.docker.reference.type"
Descriptor = Mapping[str, Any]


class Parts(Protocol):
    """Where the parts of an image come from, each by its descriptor. `what` names it in errors."""

    def manifest(self, descriptor: Descriptor, what: str) -> Region:
        """Return an index or a manifest, not yet compared with its digest."""
        ...

    def config(self, descriptor: Descriptor, what: str) -> Region:
        """Return the config, not yet compared with its digest."""
        ...

    def layer(self, layer: Layer, descriptor: Descriptor, what: str) -> TarLayer:
        """Return a layer, not yet read: nothing is fetched for one that is cached."""
        ...


def read_oci(blobs: Blobs, reference: str, *, platform: str = "", what: str) -> tuple[Config, tuple[TarLayer, ...]]:
    """Read a layout, all but the layers. Raises ScanError."""
    index, _data = load(need(blobs, "index.json", what=f"index.json of {what}"))
    parts = _Layout(blobs)
    chosen: list[str] = []
    manifest = find_manifest(index, INDEXES[0], parts, reference, platform=platform, what=what, chosen=chosen)
    config, sources = read_manifest(manifest, parts, what=what)
    beside = tables(index.get("manifests"), f"`manifests` of the index of {what}")
    return replace(config, signed=any(is_signed(beside, each) for each in chosen)), sources


def find_manifest(
    document: Any,
    media_type: str,
    parts: Parts,
    reference: str | None = None,
    *,
    platform: str,
    what: str,
    chosen: list[str] | None = None,
) -> Descriptor:
    """Go from an index, if it is one, to the manifest of one image; `chosen` takes the digests on the way.

    With a `reference`, though empty, it is an index of several images with names. Otherwise all it lists is one image.
    """
    for _level in range(MAX_INDEXES):
        index = table(document, f"the index of {what}")
        if text(index, "mediaType", media_type) not in INDEXES and "manifests" not in index:
            return index
        if "layers" in index:
            raise ScanError(f"{what} is an index and a manifest at once", advice="build the image again")
        named = reference is not None
        image = choose(_images(index, what, named=named), reference or "", platform=platform, what=what)
        title = f"the manifest {image.digest} in {what}"
        document, _data = load(parts.manifest(image.entry, title), image.digest)
        media_type, reference = text(image.entry, "mediaType", MANIFESTS[0]), None
        if chosen is not None:
            chosen.append(image.digest)
    manifest = table(document, f"the manifest of {what}")
    if "manifests" in manifest or media_type in INDEXES:
        raise ScanError(f"{what} has indexes inside each other more than {MAX_INDEXES} deep")
    return manifest


def read_manifest(manifest: Descriptor, parts: Parts, *, what: str) -> tuple[Config, tuple[TarLayer, ...]]:
    """Read the config that a manifest names, and prepare its layers."""
    name = f"the manifest in {what}"
    layers = tables(manifest.get("layers"), f"`layers` of {name}")
    descriptor = table(manifest.get("config"), f"`config` of {name}")
    title = f"the config in {what}"
    config, known = read_config(parts.config(descriptor, title), len(layers), digest(descriptor, "digest", title))
    config = replace(config, annotations=pairs(manifest.get("annotations")))
    sources = []
    for layer, each in zip(known, layers, strict=True):
        title = f"layer {layer.index + 1} of {len(known)} in {what}"
        if "encrypted" in text(each, "mediaType"):
            raise ScanError(f"{title} is encrypted", advice="decrypt the image first")
        sources.append(parts.layer(layer, each, title))
    return config, tuple(sources)


class _Layout:
    """The parts of a layout, in a folder or an archive."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def manifest(self, descriptor: Descriptor, what: str) -> Region:
        algorithm, _colon, value = digest(descriptor, "digest", what).partition(":")
        region = need(self._blobs, f"blobs/{algorithm}/{value}", what=what)
        size = descriptor.get("size")
        if isinstance(size, int) and size != region.size:
            raise ScanError(
                f"{what} has {region.size} bytes where {size} were announced", advice="copy the image again"
            )
        return region

    def config(self, descriptor: Descriptor, what: str) -> Region:
        return self.manifest(descriptor, what)

    def layer(self, layer: Layer, descriptor: Descriptor, what: str) -> TarLayer:
        key = digest(descriptor, "digest", what)
        return TarLayer(layer, partial(self.manifest, descriptor, what), key, digest=key)


def _images(index: Descriptor, what: str, *, named: bool) -> Iterator[Candidate]:
    for entry in tables(index.get("manifests"), f"`manifests` of the index of {what}"):
        notes = entry.get("annotations") or {}
        notes = table(notes, f"`annotations` in the index of {what}")
        if _ATTESTATION in notes:
            continue
        platform = table(entry.get("platform") or {}, f"`platform` in the index of {what}")
        if text(platform, "os") == "unknown":  # an attestation, too
            continue
        yield Candidate(
            names=tuple(name for key in _NAMES if named and (name := text(notes, key))),
            digest=digest(entry, "digest", f"an entry in the index of {what}"),
            platform=platform_of(platform),
            entry=entry,
        )
