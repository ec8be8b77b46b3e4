"""Whatever an image holds, it ends in an answer or a ScanError: never another exception, never a hang."""

import contextlib
import gzip
import json
import random
import tempfile
from pathlib import Path

import made_images as made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scangate.errors import ScanError
from scangate.inventory import READING, catalogue
from scangate.rootfs import open_rootfs

STATUS = "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
LAYERS = (
    made.tar(
        made.folder("var/lib/dpkg"), made.file("var/lib/dpkg/status", STATUS), made.file("etc/os-release", "ID=debian"),
        made.link("lib", "usr/lib"), made.file("usr/lib/x" * 20, "1"), made.hard_link("y", "etc/os-release"),
        made.file("a/.wh.b"), made.file("sparse", "1", sparse=True), made.device("dev/null"),
    ),
    made.tar(made.file("var/.wh..wh..opq"), made.file("x.dist-info/METADATA", "Name: x\nVersion: 1\n\n")),
)  # fmt: skip
MUTATIONS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["flip", "drop", "double", "zero", "cut"]), st.integers(0, 255)),
    max_size=6,
)
FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def mutated(data: bytes, mutations) -> bytes:
    for place, how, value in mutations:
        at = int(place * len(data))
        piece = data[at : at + 1 + value]
        changed = {
            "flip": bytes(byte ^ (value or 1) for byte in piece[:1]) + piece[1:],
            "drop": b"",
            "double": piece * 2,
            "zero": bytes(len(piece)),
            "cut": None,
        }[how]
        data = data[:at] if changed is None else data[:at] + changed + data[at + len(piece) :]
    return data


def fresh(factory):
    """Return an empty folder: making one by the factory each time takes longer than the test."""
    return Path(tempfile.mkdtemp(dir=factory.getbasetemp()))


def survives(address, root):
    with contextlib.suppress(ScanError), open_rootfs(address, root) as rootfs:
        list(rootfs.files(made.wanting(lambda _path: True)))
        catalogue(rootfs.files(READING))


@FUZZ
@given(mutations=MUTATIONS)
def test_a_mutated_archive(tmp_path_factory, mutations):
    path = fresh(tmp_path_factory) / "x.tar"
    made.docker_archive(path, made.docker_parts(*LAYERS))
    path.write_bytes(mutated(path.read_bytes(), mutations))
    survives(f"docker-archive:{path}", path.parent)


@FUZZ
@given(mutations=MUTATIONS, packed=st.booleans(), which=st.integers(0, 1))
def test_a_mutated_layer_with_the_right_digest(tmp_path_factory, mutations, packed, which):
    path = fresh(tmp_path_factory)
    pack = (lambda data: mutated(gzip.compress(data), mutations)) if packed else (lambda data: mutated(data, mutations))
    made.Layout(path / "layout").image(LAYERS[which], pack=pack)
    survives("oci-layout:layout", path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(f"sha256:{'0' * 64}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["digest", "size", "layers", "config", "x"]), inner)
    ),
    max_leaves=5,
)


@FUZZ
@given(value=JSON, seed=st.integers(0, 2**32), which=st.sampled_from(["index", "manifest", "config", "docker"]))
def test_documents_with_something_else_in_one_place(tmp_path_factory, value, seed, which):
    path = fresh(tmp_path_factory)
    chance = random.Random(seed)

    def spoil(document):
        if not isinstance(document, dict | list) or not document or chance.random() < 0.2:
            return value
        key = chance.choice(list(document) if isinstance(document, dict) else range(len(document)))
        document[key] = spoil(document[key])
        return document

    layout = made.Layout(path / "layout")
    config = json.loads(made.config(LAYERS))
    config = spoil(config) if which == "config" else config
    manifest = {
        "mediaType": made.OCI_MANIFEST,
        "config": layout.blob(json.dumps(config).encode()),
        "layers": [layout.blob(each) for each in LAYERS],
    }
    manifest = spoil(manifest) if which == "manifest" else manifest
    entry = layout.blob(json.dumps(manifest).encode(), made.OCI_MANIFEST)
    index = {"manifests": [entry | {"platform": {"os": "linux"}, "annotations": {"a": "b"}}]}
    (layout.path / "index.json").write_text(json.dumps(spoil(index) if which == "index" else index))
    survives("oci-layout:layout", path)
    if which == "docker":
        parts = made.docker_parts(*LAYERS)
        parts["manifest.json"] = json.dumps(spoil(json.loads(parts["manifest.json"]))).encode()
        survives(made.docker_archive(path / "x.tar", parts), path)
