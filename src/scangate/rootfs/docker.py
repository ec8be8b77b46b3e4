"""An image in an archive that `docker save` (old or new), podman, skopeo or a build tool wrote.

Its layers are compared with the config's diff ids, as the engines do when they load it: what is cached of a layer is
known by that, and an archive that lies must not answer for another.
https://github.com/moby/docker-image-spec
"""

from functools import partial
from typing import Any

from scangate.errors import ScanError
from scangate.rootfs.blobs import Blobs, need
from scangate.rootfs.choice import Candidate, choose
from scangate.rootfs.documents import DIGEST, load, read_config, tables, text
from scangate.rootfs.image import Config
from scangate.rootfs.sources import TarLayer


def read_docker(blobs: Blobs, reference: str, *, platform: str = "", what: str) -> tuple[Config, tuple[TarLayer, ...]]:
    """Read all but the layers. Raises ScanError."""
    region = blobs.find("manifest.json", what=f"manifest.json of {what}")
    if region is None:
        hint = "oci-archive:FILE" if blobs.find("index.json", what=what) else "an archive that docker save wrote"
        raise ScanError(f"{what} has no manifest.json: it is not a docker archive", advice=f"expected {hint}")
    document, _data = load(region)
    entries = tables(document, region.what)
    images = (
        Candidate(names=_texts(entry.get("RepoTags"), what), digest=_image_id(text(entry, "Config")), entry=entry)
        for entry in entries
    )
    entry = choose(images, reference, platform=platform, what=what).entry
    names = _texts(entry.get("Layers"), what)
    config_name = text(entry, "Config")
    expected = image_id if DIGEST.fullmatch(image_id := _image_id(config_name)) else ""
    config, layers = read_config(need(blobs, config_name, what=f"the config of {what}"), len(names), expected)
    titles = (f"layer {layer.index + 1} of {len(layers)} in {what}" for layer in layers)
    return config, tuple(
        TarLayer(layer, partial(need, blobs, name, what=title), layer.digest, unpacked=layer.digest)
        for layer, name, title in zip(layers, names, titles, strict=True)
    )


def _image_id(config: str) -> str:
    """`0123...json` and `blobs/sha256/0123...` both name the digest of the config; other names are themselves."""
    digest = f"sha256:{config.rpartition('/')[2].removesuffix('.json')}"
    return digest if DIGEST.fullmatch(digest) else config


def _texts(value: Any, what: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ScanError(f"manifest.json of {what} does not list its tags and layers as texts")
    return tuple(value)
