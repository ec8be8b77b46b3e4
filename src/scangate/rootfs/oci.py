"""An image in an OCI layout, a folder or a tar: index, manifest, config, layers, each verified by its digest.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scangate.errors import ScanError
from scangate.rootfs.blobs import Blobs, need
from scangate.rootfs.choice import Candidate, choose
from scangate.rootfs.documents import digest, load, read_config, table, tables, text
from scangate.rootfs.image import Config
from scangate.rootfs.limits import MAX_INDEXES
from scangate.rootfs.sources import TarLayer
from scangate.rootfs.stream import Region

_NAMES: Final = ("org.opencontainers.image.ref.name", "io.containerd.image.name")
_INDEXES: Final = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
_ATTESTATION: Final = "vnd.docker.reference.type"


def read_oci(blobs: Blobs, reference: str, *, what: str) -> tuple[Config, tuple[TarLayer, ...]]:
    """Read all but the layers. Raises ScanError."""
    manifest = _manifest(blobs, reference, what)
    name = f"the manifest in {what}"
    layers = tables(manifest.get("layers"), f"`layers` of {name}")
    descriptor = table(manifest.get("config"), f"`config` of {name}")
    title = f"the config in {what}"
    config, known = read_config(_blob(blobs, descriptor, title), len(layers), digest(descriptor, "digest", title))
    sources = []
    for layer, each in zip(known, layers, strict=True):
        title = f"layer {layer.index + 1} of {len(known)} in {what}"
        if "encrypted" in text(each, "mediaType"):
            raise ScanError(f"{title} is encrypted", advice="decrypt the image first")
        sources.append(TarLayer(layer, partial(_blob, blobs, each, title), digest(each, "digest", title)))
    return config, tuple(sources)


def _manifest(blobs: Blobs, reference: str, what: str) -> Mapping[str, Any]:
    document, _data = load(need(blobs, "index.json", what=f"index.json of {what}"))
    for _level in range(MAX_INDEXES):
        index = table(document, f"the index of {what}")
        chosen = choose(_images(index, what), reference, what=what)
        title = f"the manifest {chosen.digest} in {what}"
        document, _data = load(_blob(blobs, chosen.entry, title), chosen.digest)
        manifest = table(document, title)
        if text(manifest, "mediaType", text(chosen.entry, "mediaType")) not in _INDEXES and "manifests" not in manifest:
            return manifest
        reference = ""
    raise ScanError(f"{what} has indexes inside each other more than {MAX_INDEXES} deep")


def _images(index: Mapping[str, Any], what: str) -> Iterator[Candidate]:
    for entry in tables(index.get("manifests"), f"`manifests` of the index of {what}"):
        notes = entry.get("annotations") or {}
        notes = table(notes, f"`annotations` in the index of {what}")
        if _ATTESTATION in notes:
            continue
        platform = table(entry.get("platform") or {}, f"`platform` in the index of {what}")
        system, machine = text(platform, "os"), text(platform, "architecture")
        if system == "unknown":  # an attestation, too
            continue
        yield Candidate(
            names=tuple(name for key in _NAMES if (name := text(notes, key))),
            digest=digest(entry, "digest", f"an entry in the index of {what}"),
            platform=f"{system}/{machine}" if system else "",
            entry=entry,
        )


def _blob(blobs: Blobs, descriptor: Mapping[str, Any], what: str) -> Region:
    algorithm, _colon, value = digest(descriptor, "digest", what).partition(":")
    region = need(blobs, f"blobs/{algorithm}/{value}", what=what)
    size = descriptor.get("size")
    if isinstance(size, int) and size != region.size:
        raise ScanError(f"{what} has {region.size} bytes where {size} were announced", advice="copy the image again")
    return region
