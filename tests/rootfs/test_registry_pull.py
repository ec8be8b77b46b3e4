"""Images out of registries, good ones and hostile ones, over real sockets on 127.0.0.1."""

import gzip
import json
import os
import socket
import time
from dataclasses import replace

import made_images as made
import pytest
import registries
from registries import broken_after, fronting, of_layout, of_registry, saying, wanting

from scangate import http
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.rootfs import open_rootfs
from scangate.rootfs.registry import access

EVERYTHING = made.wanting(lambda _path: True)
NOISE = os.urandom(400_000)
LAYERS = (made.tar(made.file("a", "1"), made.file("big", NOISE)), made.tar(made.file("b", "2"), made.file(".wh.a")))
CONTENT = {"b": b"2", "big": NOISE}
QUICK = http.Limits(deadline=30, connect=5, read=5, tries=4, first_wait=0.01, longest_wait=5)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No proxy, no settings and no credentials but those of the test."""
    for name in list(os.environ):
        if name.startswith(("SCANGATE_", "DOCKER_", "REGISTRY_", "XDG_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(access, "LIMITS", QUICK)
    monkeypatch.setattr(access, "BLOB", QUICK)


@pytest.fixture
def layout(tmp_path):
    layout = made.Layout(tmp_path / "layout")
    layout.image(*LAYERS, tag="1")
    return layout


@pytest.fixture
def front(layout):
    with fronting(of_layout(layout)) as front:
        yield front


@pytest.fixture(params=["made", pytest.param("real", marks=pytest.mark.real)])
def either(request, layout, tmp_path):
    """A front before a registry made of a layout, and before docker-registry."""
    if request.param == "made":
        with fronting(of_layout(layout)) as front:
            yield front
        return
    with registries.docker_registry(tmp_path) as host:
        registries.push(layout.path, "1", host)
        with fronting(of_registry(host)) as front:
            yield front


def read(address, tmp_path, **more):
    with open_rootfs(address, tmp_path, **more) as rootfs:
        return {file.path: file.read() for file in rootfs.files(EVERYTHING)}


def refused(address, tmp_path, **more):
    with pytest.raises(ScanError) as caught:
        read(address, tmp_path, **more)
    return f"{caught.value} ({caught.value.advice})"


def test_an_image_in_a_registry_is_read_as_from_its_layout(either, layout, tmp_path):
    with open_rootfs(f"{either.host}/shop/web:1", tmp_path) as rootfs:
        assert {file.path: file.read() for file in rootfs.files(EVERYTHING)} == CONTENT
        assert rootfs.layers[1].created_by == "step 1"
        with open_rootfs(f"oci-layout:{layout.path}", tmp_path) as same:
            # A layout tells what lies beside the image; a registry would have to be asked.
            assert (rootfs.config, rootfs.layers) == (replace(same.config, signed=None), same.layers)


def test_nothing_of_a_layer_is_fetched_before_it_is_read(front, layout, tmp_path):
    with open_rootfs(f"{front.host}/shop/web:1", tmp_path) as rootfs:
        assert len(front.asked("/blobs/")) == 1  # the config
        assert [source.key for source in rootfs._sources] == [
            each["digest"]
            for each in json.loads((layout.path / "blobs" / layout.entries[0]["digest"].replace(":", "/")).read_text())[
                "layers"
            ]
        ]
        for source in rootfs._sources:
            source.begin()
        rootfs.files(EVERYTHING)
    assert len(front.asked("/blobs/")) == 3


def test_cached_layers_are_not_fetched(front, tmp_path):
    address, cache = f"{front.host}/shop/web:1", tmp_path / "cache"
    assert read(address, tmp_path, cache=cache) == CONTENT
    before = len(front.asked("/blobs/"))
    assert read(address, tmp_path, cache=cache) == CONTENT
    assert len(front.asked("/blobs/")) == before + 1  # the config


@pytest.mark.parametrize("form", ["@{digest}", ":1@{digest}", ":whatever@{digest}"])
def test_an_image_is_asked_for_by_its_digest(form, front, layout, tmp_path):
    digest = layout.entries[0]["digest"]
    assert read(f"{front.host}/shop/web{form.format(digest=digest)}", tmp_path) == CONTENT
    assert front.asked("/manifests/")[0].path == f"/v2/shop/web/manifests/{digest}"


def test_a_manifest_that_is_not_what_was_asked_for_is_refused(front, layout, tmp_path):
    digest = layout.image(LAYERS[1], tag="other")["digest"]
    other = (layout.path / "blobs" / digest.replace(":", "/")).read_bytes()
    front.rule("/manifests/", saying(200, other))
    assert "not what its digest says" in refused(f"{front.host}/shop/web@{layout.entries[0]['digest']}", tmp_path)


def test_a_manifest_that_its_own_header_denies_is_refused(front, layout, tmp_path):
    front.rule("/manifests/", saying(200, b"{}", Docker_Content_Digest=layout.entries[0]["digest"]))
    assert "not what its digest says" in refused(f"{front.host}/shop/web:1", tmp_path)


def test_a_connection_that_breaks_in_the_middle_is_gone_on_with(either, tmp_path):
    address = f"{either.host}/shop/web:1"
    either.rule(
        "/blobs/", lambda call: broken_after(200_000)(call) if len(call.ask().body) > 300_000 else False, times=3
    )
    assert read(address, tmp_path) == CONTENT
    ranges = [call.headers.get("range") for call in either.asked("/blobs/") if "range" in call.headers]
    assert ranges
    assert all(int(each.removeprefix("bytes=").removesuffix("-")) > 0 for each in ranges)


def test_a_server_that_knows_no_ranges_sends_the_whole_again(front, tmp_path):
    def whole(call):
        call.headers.pop("range", None)
        call.send(call.ask())

    front.rule(
        "/blobs/", lambda call: broken_after(200_000)(call) if len(call.ask().body) > 300_000 else False, times=1
    )
    front.rule("/blobs/", whole)
    assert read(f"{front.host}/shop/web:1", tmp_path) == CONTENT


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data[:-1] + bytes([data[-1] ^ 1]), id="changed"),
        pytest.param(lambda data: data[:-1], id="shorter"),
        pytest.param(lambda data: data + b"x", id="longer"),
        pytest.param(lambda data: b"", id="empty"),
    ],
)
def test_a_blob_that_is_not_what_its_descriptor_says_is_refused(change, either, tmp_path):
    def changed(call):
        answer = call.ask()
        answer.body = change(answer.body)
        call.send(answer)

    either.rule("/blobs/", changed)
    said = refused(f"{either.host}/shop/web:1", tmp_path)
    assert any(words in said for words in ("not what its digest says", "were announced", "larger than"))


def test_a_rate_limit_is_waited_for(either, tmp_path):
    either.rule("/manifests/", saying(429, Retry_After="1"), times=1)
    either.rule("/blobs/", saying(503, Retry_After="1"), times=1)
    before = time.monotonic()
    assert read(f"{either.host}/shop/web:1", tmp_path) == CONTENT
    assert time.monotonic() - before >= 2


def test_a_rate_limit_of_hours_is_an_error_with_advice(front, tmp_path):
    front.rule("/manifests/", saying(429, Retry_After="21600"))
    said = refused(f"{front.host}/shop/web:1", tmp_path)
    assert "asks to wait 21600 s" in said
    assert "SCANGATE_REGISTRY_MIRRORS" in said


def test_a_registry_that_never_ends_meets_the_deadline_of_the_scan(front, tmp_path):
    end = time.monotonic() + 1

    def check():
        if time.monotonic() > end:
            raise DeadlineError("out of time")

    front.rule("/blobs/", registries.dripping)
    with pytest.raises(DeadlineError):
        read(f"{front.host}/shop/web:1", tmp_path, check=check)
    assert time.monotonic() - end < 3


def test_an_interrupted_scan_leaves_no_download_behind(front, tmp_path):
    begun = []

    def check():
        if len(front.asked("/blobs/")) > 1:
            begun.append(1)
            raise CancelledError("interrupted")

    front.rule("/blobs/", lambda call: registries.dripping(call) if len(front.asked("/blobs/")) > 1 else False)
    with pytest.raises(CancelledError):
        read(f"{front.host}/shop/web:1", tmp_path, check=check)
    assert begun


def test_a_redirect_to_another_host_gets_no_authorization(layout, tmp_path):
    with fronting(of_layout(layout)) as storage, fronting(of_layout(layout)) as front:
        front.rule("/token", saying(200, json.dumps({"token": registries.TOKEN}).encode()))
        front.rule("/v2/shop", wanting(f"http://{front.host}/token"))
        front.rule("/blobs/", lambda call: saying(307, Location=f"http://{storage.host}{call.path}?sig=1")(call))
        assert read(f"{front.host}/shop/web:1", tmp_path) == CONTENT
        assert len(storage.calls) == 3
        assert not any("authorization" in call.headers for call in storage.calls)
        assert all("authorization" in call.headers for call in front.asked("/v2/shop")[1:])


def test_what_the_registry_does_not_have_is_said_with_advice(either, tmp_path):
    said = refused(f"{either.host}/shop/web:none", tmp_path)
    assert "is not in the registry" in said
    assert "docker-archive:FILE" in said


def test_nobody_listens(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "did not answer" in refused(f"127.0.0.1:{port}/shop/web:1", tmp_path)


def test_offline_asks_nobody(front, tmp_path, monkeypatch):
    monkeypatch.setenv("SCANGATE_OFFLINE", "1")
    assert "offline" in refused(f"{front.host}/shop/web:1", tmp_path)
    assert not front.calls


def test_the_platform_that_is_asked_for_is_taken(layout, front, tmp_path):
    layout.entries.clear()
    for name in ("linux/amd64", "linux/arm64", "linux/s390x"):
        layout.image(made.tar(made.file("for", name)), platform=name, architecture=name.partition("/")[2])
    index = {"schemaVersion": 2, "mediaType": made.OCI_INDEX, "manifests": list(layout.entries)}
    layout.entries.clear()
    layout.manifest(index, tag="many")
    address = f"{front.host}/shop/web:many"
    assert read(address, tmp_path, platform="linux/s390x") == {"for": b"linux/s390x"}
    assert read(address, tmp_path, platform="linux/arm64/v8") == {"for": b"linux/arm64"}
    said = refused(address, tmp_path, platform="linux/arm/v7")
    assert "has no image for linux/arm/v7: it is made for linux/amd64, linux/arm64, linux/s390x" in said


def test_names_within_an_index_say_nothing_of_which_image_is_meant(layout, front, tmp_path):
    layout.entries.clear()
    for name in ("linux/amd64", "linux/arm64"):
        layout.image(made.tar(made.file("for", name)), platform=name, tag=name, architecture=name.partition("/")[2])
    index = {"schemaVersion": 2, "mediaType": made.OCI_INDEX, "manifests": list(layout.entries)}
    layout.entries.clear()
    layout.manifest(index, tag="many")
    for address in (f"{front.host}/shop/web:many", f"oci-layout:{layout.path}"):
        assert read(address, tmp_path, platform="linux/arm64") == {"for": b"linux/arm64"}


def test_a_manifest_without_a_media_type_is_one(layout, front, tmp_path):
    def bare(call):
        answer = call.ask()
        answer.headers.pop("Content-Type")
        document = json.loads(answer.body)
        document.pop("mediaType")
        answer.body = json.dumps(document).encode()
        answer.headers.pop("Docker-Content-Digest")
        call.send(answer)

    front.rule("/manifests/", bare)
    assert read(f"{front.host}/shop/web:1", tmp_path) == CONTENT


def test_layers_that_together_are_too_large_are_refused(layout, front, tmp_path):
    manifest = json.loads((layout.path / "blobs" / layout.entries[0]["digest"].replace(":", "/")).read_text())
    for each in manifest["layers"]:
        each["size"] = 20 * 2**30
    layout.manifest(manifest, tag="huge")
    assert "layer 2 of 2" in refused(f"{front.host}/shop/web:huge", tmp_path)


def test_a_single_image_for_another_platform_is_not_taken_for_it(front, tmp_path):
    assert "is for linux/amd64, and not for linux/arm64" in refused(
        f"{front.host}/shop/web:1", tmp_path, platform="linux/arm64"
    )


@pytest.mark.parametrize("document", [{"schemaVersion": 1, "fsLayers": []}, {"schemaVersion": 1}])
def test_the_first_manifest_format_is_refused_with_advice(document, front, tmp_path):
    front.rule("/manifests/", saying(200, json.dumps(document).encode()))
    assert "push it again" in refused(f"{front.host}/shop/web:1", tmp_path)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"layers": 1}', b'{"layers": [], "config": {}}', b'{"config": {"digest": "../x"}}',
     b"[" * 100_000, b'{"manifests": [], "layers": []}', b'{"manifests": [{"digest": "sha256:x"}]}'],
)  # fmt: skip
def test_a_manifest_of_another_shape_is_an_error(body, front, tmp_path):
    front.rule("/manifests/", saying(200, body, Content_Type=made.OCI_MANIFEST))
    assert refused(f"{front.host}/shop/web:1", tmp_path)


@pytest.mark.parametrize("size", [-1, "5", None, 2**60, True])
def test_a_descriptor_without_a_size_that_can_be_is_refused(size, layout, front, tmp_path):
    manifest = json.loads((layout.path / "blobs" / layout.entries[0]["digest"].replace(":", "/")).read_text())
    manifest["layers"][0]["size"] = size
    layout.manifest(manifest, tag="odd")
    assert "layer 1 of 2" in refused(f"{front.host}/shop/web:odd", tmp_path)


def test_a_foreign_layer_that_is_not_there_is_said_to_be_one(layout, front, tmp_path):
    gone = gzip.compress(made.tar(made.file("windows", "x")), mtime=0)
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": layout.blob(made.config([gzip.decompress(gone)])),
        "layers": [
            {
                "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                "digest": made.digest(gone),
                "size": len(gone),
                "urls": [f"http://{front.host}/elsewhere"],
            }
        ],
    }
    layout.manifest(manifest, tag="foreign")
    assert "kept by its vendor" in refused(f"{front.host}/shop/web:foreign", tmp_path)
    assert not front.asked("elsewhere")


def test_mirrors_are_asked_first(layout, front, tmp_path, monkeypatch):
    with fronting(of_layout(layout)) as mirror:
        monkeypatch.setenv(
            "SCANGATE_REGISTRY_MIRRORS", f"other.example.com=x.example.com, {front.host}={mirror.host}/proxy"
        )
        assert read(f"{front.host}/shop/web:1", tmp_path) == CONTENT
        assert mirror.asked("/v2/proxy/shop/web/manifests/1")
    assert not front.calls


def test_docker_hub_has_mirrors_by_the_name_of_its_images(front, tmp_path, monkeypatch):
    monkeypatch.setenv("SCANGATE_REGISTRY_MIRRORS", f"docker.io={front.host}")
    assert read("web:1", tmp_path) == CONTENT
    assert front.asked("^/v2/library/web/manifests/1$")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda mirror: mirror.rule("", saying(404)), id="not there"),
        pytest.param(lambda mirror: mirror.rule("/blobs/", saying(500)), id="no blobs"),
        pytest.param(lambda mirror: mirror.rule("/blobs/", saying(200, b"x" * 100)), id="wrong blobs"),
        pytest.param(lambda mirror: mirror.rule("/blobs/", lambda call: call.reset()), id="breaks"),
        pytest.param(lambda mirror: mirror.rule("/v2/shop", wanting("http://127.0.0.1:1/")), id="wants a login"),
    ],
)
def test_the_registry_itself_is_asked_when_a_mirror_fails_and_it_is_said(fault, layout, front, tmp_path, monkeypatch):
    told = []
    with fronting(of_layout(layout)) as mirror:
        fault(mirror)
        monkeypatch.setenv("SCANGATE_REGISTRY_MIRRORS", f"{front.host}={mirror.host}")
        assert read(f"{front.host}/shop/web:1", tmp_path, tell=told.append) == CONTENT
        assert mirror.calls
    assert any(f"asking {front.host} instead of its mirror" in line for line in told)
    assert any("fetching layer 2 of 2" in line for line in told)


@pytest.mark.parametrize("value", ["docker.io", "docker.io=", "docker.io=debian", "x=http://y", "docker.io=UP/CASE"])
def test_a_mirror_that_is_none_is_said(value, front, tmp_path, monkeypatch):
    monkeypatch.setenv("SCANGATE_REGISTRY_MIRRORS", value)
    assert "expected REGISTRY=MIRROR" in refused(f"{front.host}/shop/web:1", tmp_path)


def test_an_index_within_indexes_ends(layout, front, tmp_path):
    for _level in range(6):
        index = {"schemaVersion": 2, "mediaType": made.OCI_INDEX, "manifests": list(layout.entries)}
        layout.entries.clear()
        layout.manifest(index, tag="deep")
    assert "inside each other" in refused(f"{front.host}/shop/web:deep", tmp_path)
