"""Images that an engine hands out over its socket: a stand-in that says what Docker says, and podman's own service."""

import http.server
import json
import os
import shutil
import socketserver
import subprocess
import threading
import time
from contextlib import contextmanager

import made_images as made
import pytest
from storages import Storage

from scangate.errors import ScanError
from scangate.rootfs import open_rootfs

EVERYTHING = made.wanting(lambda _path: True)
ID = "sha256:" + "1" * 64


@contextmanager
def engine(path, answers):
    """Serve `answers` (by path) on a unix socket."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, body = answers.get(self.path, (404, b'{"message": "No such image"}'))
            self.send_response_only(status)
            self.end_headers()  # no length, as docker: the end of the connection is the end
            self.wfile.write(body)

        def address_string(self):
            return "unix"

        def log_message(self, *_words):
            pass

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join(30)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("SCANGATE_", "DOCKER_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


def archive(tmp_path, *layers):
    made.docker_archive(tmp_path / "saved.tar", made.docker_parts(*layers, tags=()))
    return (tmp_path / "saved.tar").read_bytes()


def answers(tmp_path, name="web:1"):
    saved = archive(tmp_path, made.tar(made.file("a", "1")), made.tar(made.file("b", "2"), made.file(".wh.a")))
    return {f"/images/{name}/json": (200, json.dumps({"Id": ID}).encode()), f"/images/{ID}/get": (200, saved)}


def read(tmp_path, address="docker-daemon:web:1", **more):
    with open_rootfs(address, tmp_path, **more) as rootfs:
        return {file.path: file.read() for file in rootfs.files(EVERYTHING)}


def refused(tmp_path, address="docker-daemon:web:1"):
    with pytest.raises(ScanError) as caught:
        read(tmp_path, address)
    return f"{caught.value} ({caught.value.advice})"


def test_an_image_is_exported_by_its_id(tmp_path):
    with engine(tmp_path / "docker.sock", answers(tmp_path)) as asked:
        told = []
        assert read(tmp_path, tell=told.append) == {"b": b"2"}
        assert asked == ["/images/web:1/json", f"/images/{ID}/get"]
        assert told


@pytest.mark.parametrize(
    "name", ["registry.example.com:5000/shop/web:1", f"web@sha256:{'a' * 64}", f"sha256:{'b' * 64}"]
)
def test_every_name_reaches_the_engine_as_it_is(name, tmp_path):
    with engine(tmp_path / "docker.sock", answers(tmp_path, name)):
        assert read(tmp_path, f"docker-daemon:{name}") == {"b": b"2"}


def test_the_usual_socket_is_found_without_a_setting(tmp_path, monkeypatch):
    monkeypatch.delenv("DOCKER_HOST")
    with engine(tmp_path / "docker.sock", answers(tmp_path)):
        assert read(tmp_path) == {"b": b"2"}


def test_a_socket_of_this_machine_is_no_network_and_needs_no_proxy(tmp_path, monkeypatch):
    monkeypatch.setenv("SCANGATE_OFFLINE", "1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with engine(tmp_path / "docker.sock", answers(tmp_path)):
        assert read(tmp_path) == {"b": b"2"}


def test_a_port_of_this_machine_is_asked(tmp_path, monkeypatch):
    from registries import Answer, fronting

    known = answers(tmp_path)
    with fronting(lambda path, _headers: Answer(known[path][0], {}, known[path][1])) as front:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://{front.host}")
        assert read(tmp_path) == {"b": b"2"}


@pytest.mark.parametrize(
    "host",
    [
        "tcp://192.0.2.1:2375",
        "ssh://me@build.example.com",
        "tcp://127.0.0.1.example.com",
        "unix://",
        "x",
        "npipe:////./pipe/docker",
    ],
)
def test_an_engine_on_another_machine_is_not_asked(host, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", host)
    assert "only sockets and ports of this machine are" in refused(tmp_path)


def test_no_engine_is_said_with_what_to_do(tmp_path, monkeypatch):
    assert "cannot be asked" in refused(tmp_path)
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setattr("scangate.rootfs.daemon._USUAL", ())
    said = refused(tmp_path)
    assert "no engine runs here" in said
    assert "docker save" in said


def test_an_image_that_the_engine_does_not_have_is_said(tmp_path):
    with engine(tmp_path / "docker.sock", {}):
        assert "has no such image" in refused(tmp_path)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"Id": "../../x"}', b'{"Id": 5}', b"[" * 9999])
def test_an_engine_that_names_no_image_is_not_believed(body, tmp_path):
    with engine(tmp_path / "docker.sock", {"/images/web:1/json": (200, body)}):
        assert "did not say which image that is" in refused(tmp_path)


@pytest.mark.parametrize("change", [lambda data: data[:2000], lambda data: b"", lambda data: b"x" * 2048])
def test_an_archive_that_is_not_whole_is_an_error(change, tmp_path):
    known = answers(tmp_path)
    known[f"/images/{ID}/get"] = (200, change(known[f"/images/{ID}/get"][1]))
    with engine(tmp_path / "docker.sock", known):
        assert refused(tmp_path)


def test_an_engine_in_trouble_is_said(tmp_path):
    with engine(tmp_path / "docker.sock", {"/images/web:1/json": (500, b"oh")}):
        assert "answered 500" in refused(tmp_path)


@pytest.mark.real
def test_podmans_service_hands_out_an_image(tmp_path, monkeypatch):
    if not shutil.which("podman") or not shutil.which("skopeo"):
        pytest.skip("podman or skopeo is not installed")
    storage = Storage(tmp_path / "storage", "vfs")
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage.conf))
    layout = made.Layout(tmp_path / "layout")
    layout.image(made.tar(made.file("a", "1")), made.tar(made.file("b", "2")), tag="1")
    copy = ["skopeo", "copy", "--insecure-policy", f"oci:{layout.path}:1", "containers-storage:localhost/shop/web:1"]
    done = subprocess.run(copy, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"there can be no storage here: {done.stderr[-300:]}")
    path = tmp_path / "podman.sock"
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(
            ["podman", "system", "service", "--time", "60", f"unix://{path}"], stdout=log, stderr=log
        )
    try:
        for _try in range(200):
            if path.exists() or service.poll() is not None:
                break
            time.sleep(0.05)
        if service.poll() is not None:
            pytest.skip(f"podman's service does not run here: {(tmp_path / 'log').read_text()[-300:]}")
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        assert read(tmp_path, "docker-daemon:localhost/shop/web:1") == {"a": b"1", "b": b"2"}
        assert "has no such image" in refused(tmp_path, "docker-daemon:localhost/shop/none:1")
    finally:
        service.terminate()
        service.wait(30)
