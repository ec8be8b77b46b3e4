"""What registries, engines and their storage say, and the user's own docker config."""

import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from harness import Target

from scangate.errors import ScanError
from scangate.rootfs.address import parse_address
from scangate.rootfs.blobs import unnamed
from scangate.rootfs.image import Layer
from scangate.rootfs.oci import MANIFESTS, find_manifest, read_manifest
from scangate.rootfs.registry import credentials
from scangate.rootfs.registry.challenge import parse_challenges
from scangate.rootfs.sources import TarLayer
from scangate.rootfs.storage.image import _chosen, _Store
from scangate.rootfs.storage.roots import _configured, _storage
from scangate.rootfs.stream import Region

sys.path.append(str(Path(__file__).resolve().parent.parent / "rootfs"))

import made_images as made
from storages import Storage

CHALLENGES = (
    b'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    b'Basic realm="x", Bearer realm="https://a/b?c=d" , service=plain , error="invalid \\"token\\""',
    b"Negotiate YWJj==, Digest a=b",
)
CONFIGS = (
    b'{"auths": {"https://index.docker.io/v1/": {"auth": "YTpi"}, "r.example.com/shop": {"username": "a", "password": "b"}}}',  # noqa: E501
    b'{"auths": {"r.example.com": {"auth": "PHRva2VuPjo=", "identitytoken": "c"}}, "credHelpers": {"other": "x"}}',
)
LAYERS = (made.tar(made.file("a", "1")),)
CONFIG = made.config(LAYERS)
DESCRIPTOR = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": made.digest(LAYERS[0]), "size": 5}
MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": MANIFESTS[0],
        "config": {"digest": made.digest(CONFIG), "size": len(CONFIG)},
        "layers": [DESCRIPTOR],
    }
).encode()
INDEX = json.dumps(
    {
        "schemaVersion": 2,
        "manifests": [
            {"digest": made.digest(MANIFEST), "size": len(MANIFEST), "platform": {"os": "linux", "architecture": each}}
            for each in ("amd64", "arm64")
        ],
    }
).encode()
ADDRESSES = (
    b"registry.example.com:5000/shop/web:1.4.2@sha256:" + b"a" * 64,
    b"docker-archive:web.tar:shop/web:1",
    b"oci_layout:x",
    b"containers-storage:localhost/web",
)
CONF = b"""[storage]
driver = "overlay"
graphroot = "/var/lib/containers/storage"
rootless_storage_path = "$HOME/x"
[storage.options]
additionalimagestores = ["/var/lib/shared"]
"""


class Parts:
    """Everything there is, for whoever asks."""

    def __init__(self, resources: ExitStack) -> None:
        self.resources = resources

    def region(self, data: bytes, what: str) -> Region:
        file = unnamed(self.resources)
        file.write(data)
        file.flush()
        return Region(file.fileno(), 0, len(data), what=what, check=lambda: None)

    def manifest(self, _descriptor: object, what: str) -> Region:
        return self.region(MANIFEST, what)

    def config(self, _descriptor: object, what: str) -> Region:
        return self.region(CONFIG, what)

    def layer(self, layer: Layer, _descriptor: object, what: str) -> TarLayer:
        return TarLayer(layer, lambda: self.region(LAYERS[0], what), "")


def manifest(data: bytes) -> None:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return
    with ExitStack() as resources:
        parts = Parts(resources)
        read_manifest(find_manifest(document, "", parts, platform="linux/arm64", what="it"), parts, what="it")


def config(data: bytes) -> None:
    credentials.in_document(credentials._parsed(data.decode(errors="replace"), "it"), "r.example.com", "shop/web", "it")


def address(data: bytes) -> None:
    parsed = parse_address(data.decode(errors="replace"))
    assert parse_address(str(parsed)) == parsed


FOLDER = tempfile.TemporaryDirectory()
NAME = "registry.example.com/shop/web:1"
STORAGE = Storage(Path(FOLDER.name) / "storage")
STORAGE.image(NAME, {"a": "1"}, {"b": "2"})


def storage(kind: str, data: bytes) -> None:
    """Read the image with one of its two lists replaced."""
    STORAGE.write()
    (STORAGE.root / f"overlay-{kind}" / f"{kind}.json").write_bytes(data)
    with ExitStack() as resources:
        store = _Store(STORAGE.root, "overlay", lambda: None, resources)
        if image := _chosen(tuple(store.images()), NAME, "it"):
            store.opened(image, "it")


def conf(data: bytes) -> None:
    path = Path(FOLDER.name) / f"{os.getpid()}.conf"
    path.write_bytes(data)
    for rootless in (True, False):
        list(_configured(_storage(str(path)), rootless=rootless))


TARGETS = (
    Target("www-authenticate", CHALLENGES, lambda data: parse_challenges(data.decode("latin-1"))),
    Target("docker-config", CONFIGS, config, (ScanError,)),
    Target("manifest", (MANIFEST, INDEX), manifest, (ScanError,)),
    Target("image-address", ADDRESSES, address, (ValueError,)),
    Target(
        "storage-images", (json.dumps(STORAGE.images).encode(),), lambda data: storage("images", data), (ScanError,)
    ),
    Target(
        "storage-layers", (json.dumps(STORAGE.layers).encode(),), lambda data: storage("layers", data), (ScanError,)
    ),
    Target("storage-conf", (CONF,), conf, (ScanError,)),
)
