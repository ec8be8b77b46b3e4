"""Layers, archives and the cache of layers."""

import sys
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from harness import Target

sys.path.insert(0, str(Path(__file__).parent.parent / "rootfs"))

import made_images as made

from scangate.errors import ScanError
from scangate.rootfs import open_rootfs
from scangate.rootfs.cache import CachedLayer
from scangate.rootfs.contents import Contents
from scangate.rootfs.layer import LayerTree
from scangate.rootfs.limits import MAX_MEMBERS
from scangate.rootfs.overlay import modes
from scangate.rootfs.stream import Stream
from scangate.rootfs.tree import merged
from scangate.rootfs.unpacking import unpack
from scangate.scanners.images import reading

LAYER = made.tar(
    *(
        made.folder("var/lib/dpkg"),
        made.file("var/lib/dpkg/status", "Package: a\nVersion: 1\n\n"),
        made.link("l", "var"),
    ),
    *(made.hard_link("y", "var/lib/dpkg/status"), made.file("a/.wh.b"), made.file("s", "1", sparse=True)),
    *(
        made.device("dev/null"),
        made.file("usr/bin/x", b"\x7fELF" + bytes(200), mode=0o4755),
        made.folder("t", mode=0o1777),
    ),
)


@cache
def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="scangate-fuzz-"))


def tree(data: bytes) -> LayerTree:
    blocks = iter((data, b""))
    found = LayerTree(0, reading(), Contents())
    source = SimpleNamespace(block=lambda: next(blocks, b""), skip=lambda _size: 0)
    unpack(Stream(source, what="x", check=lambda: None), found)
    return found


def layer(data: bytes) -> None:
    found = tree(data)
    modes(merged([found.top], lambda: None), [found])


def archive(data: bytes) -> None:
    path = folder() / "image.tar"
    path.write_bytes(data)
    with open_rootfs(f"docker-archive:{path}", folder()) as rootfs:
        rootfs.files(reading())


def cached(data: bytes) -> None:
    path = folder() / "x.layer"
    path.write_bytes(data)
    contents = Contents()
    with ExitStack() as stack:
        stack.callback(contents.close)
        CachedLayer(path, lambda: None).load(0, contents, MAX_MEMBERS)


def stored() -> bytes:
    path = folder() / "seed.layer"
    CachedLayer(path, lambda: None).store(tree(LAYER))
    return path.read_bytes()


def saved() -> bytes:
    path = folder() / "seed.tar"
    made.docker_archive(path, made.docker_parts(LAYER))
    return path.read_bytes()


TARGETS = (
    Target("layer", (LAYER,), layer, (ScanError,)),
    Target("docker-archive", (saved(),), archive, (ScanError,)),
    Target("layer-cache", (stored(),), cached),
)
