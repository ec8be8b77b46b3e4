import bz2
import gzip
import json
import lzma
import os
import tarfile

import made_images as made
import pytest
import zstandard

from scangate.errors import DeadlineError, ScanError
from scangate.rootfs import compression, documents, open_rootfs, platforms, stream

EVERYTHING = made.wanting(lambda _path: True)
LAYER = made.tar(made.file("a", "1"))
OTHER = made.tar(made.file("a", "2"))
MANIFEST = {"schemaVersion": 2, "mediaType": made.OCI_MANIFEST}


@pytest.fixture
def layout(tmp_path):
    return made.Layout(tmp_path / "layout")


def read(address, root):
    with open_rootfs(address, root) as rootfs:
        return {each.path: each.read() for each in rootfs.files(EVERYTHING)}


def refused(address, root):
    """The message of the ScanError that reading all of the image ends in."""
    with pytest.raises(ScanError) as caught:
        read(address, root)
    return caught.value.message


def test_a_layout_its_archive_and_a_docker_archive_give_the_same(layout, tmp_path):
    entry = layout.image(LAYER, made.tar(made.file("b", "3")), tag="1.0")
    layout.archive(tmp_path / "image.tar")
    docker = made.docker_archive(tmp_path / "docker.tar", made.docker_parts(LAYER, made.tar(made.file("b", "3"))))
    for address in ("oci-layout:layout", "oci-archive:image.tar:1.0", f"oci-layout:layout@{entry['digest']}", docker):
        with open_rootfs(address, tmp_path) as rootfs:
            assert {each.path: each.read() for each in rootfs.files(EVERYTHING)} == {"a": b"1", "b": b"3"}
            assert (rootfs.config.os, rootfs.config.architecture) == ("linux", "amd64")
            assert rootfs.config.digest == made.digest(made.config((LAYER, made.tar(made.file("b", "3")))))
            assert [each.digest for each in rootfs.layers] == [
                made.digest(LAYER),
                made.digest(made.tar(made.file("b", "3"))),
            ]


def zstd(data):
    """Two frames and a skippable one, as zstd:chunked has them."""
    half = len(data) // 2
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"
    return zstandard.compress(data[:half]) + skippable + zstandard.compress(data[half:]) + skippable


def members(data):
    """One gzip member for every few bytes, some of them empty, as eStargz has one for each file."""
    return b"".join(gzip.compress(data[at : at + 997]) + gzip.compress(b"") for at in range(0, len(data), 997))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, members, zstd, lambda data: gzip.compress(data) + bytes(64)])
def test_layers_are_unpacked_however_they_are_packed(pack, layout, tmp_path):
    body = os.urandom(100_000) + bytes(1_000_000)
    layout.image(made.tar(made.file("a", body), made.file("b", "end")), pack=pack)
    assert read("oci-layout:layout", tmp_path) == {"a": body, "b": b"end"}


@pytest.mark.parametrize(
    ("pack", "name"), [(bz2.compress, "bzip2"), (lzma.compress, "xz"), (lambda _data: b"PK\3\4", "zip")]
)
def test_other_compressions_are_named(pack, name, layout, tmp_path):
    layout.image(LAYER, pack=pack)
    assert f"packed with {name}: expected gzip" in refused("oci-layout:layout", tmp_path)


@pytest.mark.parametrize(
    ("pack", "said"),
    [
        (lambda data: gzip.compress(data)[:1000], "gzip data has no end"),
        (lambda data: gzip.compress(data)[:12], "gzip data has no end"),
        (lambda data: gzip.compress(data)[:10] + b"\xff" * 30, "not valid gzip"),
        (lambda data: zstandard.compress(data)[:1000], "zstd data has no end"),
        (lambda data: zstandard.compress(data)[:12], "zstd data has no end"),
        (lambda data: zstandard.compress(data)[:8] + b"\xff" * 30, "not valid zstd"),
        (lambda data: data[:700], "cut off"),
        (lambda _data: b"no archive at all".ljust(600), "broken header"),
    ],
)
def test_broken_layers_are_scan_errors(pack, said, layout, tmp_path):
    layout.image(made.tar(made.file("a", os.urandom(2000))), pack=pack)
    assert said in refused("oci-layout:layout", tmp_path)


def test_without_zstandard_the_error_says_what_to_install(layout, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    layout.image(LAYER, pack=zstandard.compress)
    with open_rootfs("oci-layout:layout", tmp_path) as rootfs, pytest.raises(ScanError, match="zstd") as caught:
        rootfs.files(EVERYTHING)
    assert "zstandard" in caught.value.advice


def test_a_bomb_is_stopped(layout, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "MAX_UNPACKED", 10_000_000)
    layout.image(made.tar(made.file("a", bytes(20_000_000))))
    with open_rootfs("oci-layout:layout", tmp_path) as rootfs, pytest.raises(ScanError, match="unpacks to more than"):
        rootfs.files(made.wanting(lambda _path: False))


@pytest.mark.parametrize("which", ["layer", "config", "manifest"])
def test_a_changed_blob_is_named_whatever_else_it_breaks(which, layout, tmp_path):
    entry = layout.image(LAYER)
    manifest = json.loads((layout.path / "blobs/sha256" / entry["digest"][7:]).read_text())
    digest = {"layer": manifest["layers"][0], "config": manifest["config"], "manifest": entry}[which]["digest"]
    path = layout.path / "blobs/sha256" / digest[7:]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)
    message = refused("oci-layout:layout", tmp_path)
    assert which in message
    assert "not what its digest says" in message


def test_a_blob_of_another_size_or_none_is_named(layout, tmp_path):
    entry = layout.image(LAYER)
    blob = layout.path / "blobs/sha256" / entry["digest"][7:]
    blob.write_bytes(blob.read_bytes() + b" ")
    assert "were announced" in refused("oci-layout:layout", tmp_path)
    blob.unlink()
    assert "is missing" in refused("oci-layout:layout", tmp_path)
    os.mkfifo(blob)
    assert "not a regular file" in refused("oci-layout:layout", tmp_path)
    blob.unlink()
    blob.symlink_to(blob)
    assert "cannot be opened" in refused("oci-layout:layout", tmp_path)


def test_several_images_need_a_tag_and_the_error_says_which_there_are(layout, tmp_path):
    layout.image(LAYER, tag="1.0")
    layout.image(OTHER, tag="shop/web:2.0")
    assert read("oci-layout:layout:1.0", tmp_path) == {"a": b"1"}
    assert read("oci-layout:layout:2.0", tmp_path) == read("oci-layout:layout:web:2.0", tmp_path) == {"a": b"2"}
    assert "there is 1.0, shop/web:2.0" in refused("oci-layout:layout:3.0", tmp_path)
    assert "2 images that fit: 1.0, shop/web:2.0" in refused("oci-layout:layout", tmp_path)
    assert "no image '@sha256:" in refused(f"oci-layout:layout@sha256:{'0' * 64}", tmp_path)


def test_two_images_are_not_told_apart_by_their_platform(layout, tmp_path):
    layout.image(LAYER, tag="web", platform="linux/amd64")
    layout.image(OTHER, tag="db", platform="linux/arm64")
    assert "2 images that fit: db, web" in refused("oci-layout:layout", tmp_path)


def test_one_image_under_two_tags_is_one_image(layout, tmp_path):
    layout.image(LAYER, tag="1.0")
    layout.image(LAYER, tag="latest")
    assert read("oci-layout:layout", tmp_path) == {"a": b"1"}


@pytest.mark.parametrize(("machine", "content"), [("x86_64", b"1"), ("aarch64", b"2"), ("riscv64", b"1")])
def test_of_several_platforms_that_of_this_machine_is_taken(machine, content, layout, tmp_path, monkeypatch):
    monkeypatch.setattr(platforms.os, "uname", lambda: os.uname_result(("Linux", "", "", "", machine)))
    layout.image(LAYER, platform="linux/amd64")
    layout.image(OTHER, platform="linux/arm64")
    attestation = layout.image(made.tar(made.file("no", "3")), platform="unknown/unknown")
    attestation["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
    index = {"schemaVersion": 2, "mediaType": made.OCI_INDEX, "manifests": layout.entries}
    layout.entries = []
    layout.manifest(index, tag="both")
    assert read("oci-layout:layout:both", tmp_path) == read("oci-layout:layout", tmp_path) == {"a": content}


def test_indexes_inside_each_other_end(layout, tmp_path):
    layout.image(LAYER)
    for _level in range(6):
        index = {"schemaVersion": 2, "mediaType": made.OCI_INDEX, "manifests": layout.entries}
        layout.entries = []
        layout.manifest(index)
    assert "inside each other" in refused("oci-layout:layout", tmp_path)


@pytest.mark.parametrize(
    "document",
    [
        "[]", "null", "1", '"x"', "{}", '{"manifests": {}}', '{"manifests": [1]}', '{"manifests": []}',
        '{"manifests": [{"digest": "sha256:../../../../etc/passwd"}]}', '{"manifests": [{"digest": 5}]}',
        '{"manifests": [{"digest": "md5:0123"}]}', '{"manifests": [{"annotations": [1]}]}',
        '{"manifests": [{"platform": "linux"}]}', "{", "\xff", '{"a": ' * 100_000, "9" * 10_000,
        json.dumps({"manifests": [{}] * 600}),
    ],
)  # fmt: skip
def test_an_index_of_the_wrong_shape_is_a_scan_error(document, layout, tmp_path):
    (layout.path / "index.json").write_text(document)
    assert refused("oci-layout:layout", tmp_path)


@pytest.mark.parametrize(
    "manifest",
    [
        {"config": {}}, {"config": [], "layers": []}, {"layers": []},
        {"config": {"digest": "sha256:../x"}, "layers": []}, {"schemaVersion": 1, "fsLayers": []},
        {"config": "x", "layers": [{"digest": "sha256:..", "size": 1}]},
    ],
)  # fmt: skip
def test_a_manifest_of_the_wrong_shape_is_a_scan_error(manifest, layout, tmp_path):
    layout.manifest(MANIFEST | manifest)
    assert refused("oci-layout:layout", tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"rootfs": None}, {"rootfs": []}, {"rootfs": {"diff_ids": "x"}}, {"rootfs": {"diff_ids": [1]}},
        {"rootfs": {"diff_ids": ["sha256:.."]}}, {"rootfs": {"diff_ids": []}}, {"history": {}}, {"history": ["x"]},
    ],
)  # fmt: skip
def test_a_config_of_the_wrong_shape_is_a_scan_error(change, layout, tmp_path):
    layout.image(LAYER, **change)
    assert refused("oci-layout:layout", tmp_path)


def test_odd_facts_that_do_not_matter_are_passed_over(layout, tmp_path):
    layout.image(LAYER, os=5, architecture=None, history=[{"empty_layer": True}, {"created_by": 7}], mediaType=None)
    with open_rootfs("oci-layout:layout", tmp_path) as rootfs:
        assert (rootfs.config.os, rootfs.layers[0].created_by) == ("", "")


def test_a_document_that_is_too_large_is_not_read(layout, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MAX_DOCUMENT", 50)
    layout.image(LAYER)
    assert "larger than the 50 bytes" in refused("oci-layout:layout", tmp_path)


def test_encrypted_layers_and_too_many_are_scan_errors(layout, tmp_path, monkeypatch):
    config = layout.blob(made.config([LAYER]))
    layer = layout.blob(LAYER, "application/vnd.oci.image.layer.v1.tar+gzip+encrypted")
    layout.manifest(MANIFEST | {"config": config, "layers": [layer]})
    assert "is encrypted" in refused("oci-layout:layout", tmp_path)
    layout.entries = []
    layout.image(*[LAYER] * 257)
    assert "at most 256" in refused("oci-layout:layout", tmp_path)


def test_a_truncated_or_compressed_archive_is_a_scan_error(layout, tmp_path):
    layout.image(made.tar(made.file("a", os.urandom(20_000))))
    data = layout.archive(tmp_path / "image.tar").read_bytes()
    for cut in (0, 100, 5_000, 12_000):
        (tmp_path / "cut.tar").write_bytes(data[:cut])
        assert refused("oci-archive:cut.tar", tmp_path)
    (tmp_path / "cut.tar").write_bytes(gzip.compress(data))
    assert "compressed as a whole" in refused("oci-archive:cut.tar", tmp_path)
    assert "oci-archive:FILE" in open_error(f"docker-archive:{tmp_path}/image.tar", tmp_path).advice
    os.mkfifo(tmp_path / "fifo")
    assert "not a regular file" in refused("oci-archive:fifo", tmp_path)


def open_error(address, root):
    with pytest.raises(ScanError) as caught:
        open_rootfs(address, root)
    return caught.value


def test_docker_layers_may_be_links_inside_the_archive(tmp_path):
    parts = made.docker_parts(LAYER, OTHER)
    manifest = json.loads(parts["manifest.json"])
    first, second = manifest[0]["Layers"]
    manifest[0]["Layers"] = ["one/layer.tar", "two/layer.tar"]
    parts["manifest.json"] = json.dumps(manifest).encode()
    links = (made.link("one/layer.tar", f"../{first}"), made.hard_link("two/layer.tar", second))
    assert read(made.docker_archive(tmp_path / "x.tar", parts, *links), tmp_path) == {"a": b"2"}
    loop = (made.link("one/layer.tar", "../one/layer.tar"), made.link("two/layer.tar", "../../../../etc/passwd"))
    assert "round and round" in refused(made.docker_archive(tmp_path / "x.tar", parts, *loop), tmp_path)
    out = (made.link("one/layer.tar", "../../../../../etc/passwd"),)
    assert "is missing" in refused(made.docker_archive(tmp_path / "x.tar", parts, *out), tmp_path)


def test_a_modern_docker_archive_is_read_in_both_its_roles(layout, tmp_path):
    entry = layout.image(LAYER, tag="app:1")
    manifest = json.loads((layout.path / "blobs/sha256" / entry["digest"][7:]).read_text())
    names = [f"blobs/sha256/{each['digest'][7:]}" for each in (manifest["config"], *manifest["layers"])]
    docker = [{"Config": names[0], "RepoTags": ["app:1"], "Layers": names[1:]}]
    (layout.path / "manifest.json").write_text(json.dumps(docker))
    layout.archive(tmp_path / "image.tar")
    assert read("docker-archive:image.tar", tmp_path) == read("oci-archive:image.tar", tmp_path) == {"a": b"1"}
    assert read(f"docker-archive:image.tar:@{manifest['config']['digest']}", tmp_path) == {"a": b"1"}


def test_several_images_in_a_docker_archive_need_a_tag(tmp_path):
    one, two = (
        made.docker_parts(LAYER, tags=["shop/web:1", "shop/web:latest"]),
        made.docker_parts(OTHER, tags=["shop/web:2"]),
    )
    both = (
        one
        | two
        | {"manifest.json": json.dumps(json.loads(one["manifest.json"]) + json.loads(two["manifest.json"])).encode()}
    )
    address = made.docker_archive(tmp_path / "x.tar", both)
    assert read(f"{address}:shop/web:2", tmp_path) == {"a": b"2"}
    assert read(f"{address}:latest", tmp_path) == {"a": b"1"}
    assert "shop/web:1, shop/web:2, shop/web:latest" in refused(address, tmp_path)


@pytest.mark.parametrize(
    "manifest",
    [
        b"{}", b"[]", b"[1]", b"[{}]", b'[{"Config": "../../etc/passwd", "Layers": []}]',
        b'[{"Config": 1, "Layers": [1]}]', b"[" * 9999,
        b'[{"Config": "c.json", "Layers": {"a": 1}}]', b'[{"Config": "c.json", "RepoTags": "x", "Layers": []}]',
        b'[{"Config": "c.json", "Layers": ["../../../etc/passwd"]}]', b'[{"Config": "c.json", "Layers": ["a", "b"]}]',
    ],
)  # fmt: skip
def test_a_docker_manifest_of_the_wrong_shape_is_a_scan_error(manifest, tmp_path):
    parts = {"manifest.json": manifest, "c.json": made.config([LAYER])}
    assert refused(made.docker_archive(tmp_path / "x.tar", parts), tmp_path)


def test_a_config_whose_name_is_another_digest_is_refused(tmp_path):
    parts = made.docker_parts(LAYER)
    name = next(name for name in parts if name.endswith(".json") and name != "manifest.json")
    parts[name] += b" "
    assert "not what its digest says" in refused(made.docker_archive(tmp_path / "x.tar", parts), tmp_path)


def test_of_two_parts_with_one_name_the_last_counts(tmp_path):
    parts = made.docker_parts(LAYER)
    name = next(name for name in parts if name.endswith(".tar"))
    address = made.docker_archive(
        tmp_path / "x.tar", {name: OTHER} | {"x": b""}, *(made.file(*part) for part in parts.items())
    )
    assert read(address, tmp_path) == {"a": b"1"}


@pytest.mark.parametrize("pack", [bytes, lambda data: gzip.compress(data, mtime=0)], ids=["plain", "gzip"])
def test_a_layer_of_a_docker_archive_that_is_not_what_its_config_says_is_refused(pack, tmp_path):
    parts = made.docker_parts(LAYER)
    name = next(name for name in parts if name.endswith(".tar"))
    address = made.docker_archive(tmp_path / "x.tar", parts | {name: pack(LAYER)})
    assert read(address, tmp_path) == {"a": b"1"}
    for other in (OTHER, LAYER + bytes(512), LAYER[:700]):
        address = made.docker_archive(tmp_path / "x.tar", parts | {name: pack(other)})
        assert "not what its digest says" in refused(address, tmp_path)


def test_the_deadline_ends_the_work_with_its_own_error(layout, tmp_path):
    layout.image(made.tar(made.file("a", os.urandom(3_000_000))))
    for calls in range(0, 12, 2):
        left = [None] * calls

        def check(left=left):
            if not left:
                raise DeadlineError("out of time")
            left.pop()

        with pytest.raises(DeadlineError), open_rootfs("oci-layout:layout", tmp_path, check=check) as rootfs:
            rootfs.files(EVERYTHING)


def test_nothing_is_written_beside_the_image(layout, tmp_path):
    layout.image(made.tar(made.file("../../escaped", "1"), made.file("/absolute-escape", "1"), made.link("x", "/tmp")))
    before = sorted(tmp_path.rglob("*"))
    read("oci-layout:layout", tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_without_the_fast_library_gzip_is_read_by_the_standard_one(layout, tmp_path, monkeypatch):
    import zlib

    monkeypatch.setattr(compression, "zlib", zlib)
    layout.image(LAYER, tag="good")
    layout.image(LAYER, tag="bad", pack=lambda data: gzip.compress(data)[:10] + b"\xff" * 30)
    assert read("oci-layout:layout:good", tmp_path) == {"a": b"1"}
    assert "not valid gzip" in refused("oci-layout:layout:bad", tmp_path)


def test_a_layer_may_be_written_by_any_tar(tmp_path):
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        layer = made.tar(made.file("é/b", "1"), made.link("l" * 90, "é/b"), form=form)
        assert read(made.oci_layout(tmp_path / str(form), layer), tmp_path) == {"é/b": b"1"}
