"""Registries on 127.0.0.1: Debian's docker-registry, one made of an OCI layout, and a front that misbehaves as told."""

import http.client
import json
import re
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import made_images as made
import pytest

HANG = 30
USER, PASSWORD = "alice", "correct horse"
# bcrypt of the above: docker-registry takes nothing else.
HTPASSWD = "alice:$2b$05$VbbTClrPgFDcQVjNiRlZpeueuNnEnLp6DsSK6yA2jXTgiu1S1CnuG"
TOKEN = "a.b-c_d"


@dataclass
class Answer:
    """What a backend says."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Backend = Callable[[str, dict[str, str]], Answer]


def of_layout(layout: made.Layout) -> Backend:
    """Serve a layout under any name, with ranges."""

    def answer(path: str, headers: dict[str, str]) -> Answer:
        if path == "/v2/":
            return Answer()
        kind, reference = re.search(r"/(manifests|blobs)/([^/]+)$", path.partition("?")[0]).groups()
        tags = {
            entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"]
            for entry in layout.entries
            if "annotations" in entry
        }
        digest = tags.get(reference, reference)
        file = layout.path / "blobs" / digest.replace(":", "/")
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest) or not file.is_file():
            return Answer(404, {}, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')
        data = file.read_bytes()
        more = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
        if kind == "manifests":
            return Answer(200, more | {"Content-Type": json.loads(data).get("mediaType", "")}, data)
        if match := re.fullmatch(r"bytes=(\d+)-", headers.get("range", "")):
            at = int(match[1])
            if at >= len(data):
                return Answer(416)
            return Answer(206, more | {"Content-Range": f"bytes {at}-{len(data) - 1}/{len(data)}"}, data[at:])
        return Answer(200, more, data)

    return answer


def of_registry(host: str) -> Backend:
    """Pass on to a real one."""

    def answer(path: str, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(host, timeout=HANG)
        passed = {name: value for name, value in headers.items() if name not in {"host", "connection"}}
        connection.request("GET", path, headers=passed)
        got = connection.getresponse()
        kept = {name: value for name, value in got.getheaders() if name not in {"Content-Length", "Date"}}
        found = Answer(got.status, kept, got.read())
        connection.close()
        return found

    return answer


class Front:
    """Answers as its backend does, unless one of its rules has answered: a rule is true when it has."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.rules: list[Callable[[Call], bool]] = []
        self.calls: list[Call] = []
        self.host = ""

    def rule(self, pattern: str, act: Callable[["Call"], object], times: int = 10**6) -> None:
        left = [times]

        def rule(call: "Call") -> bool:
            if not re.search(pattern, call.path) or not left[0]:
                return False
            left[0] -= 1
            return act(call) is not False

        self.rules.append(rule)

    def asked(self, pattern: str) -> list["Call"]:
        return [call for call in self.calls if re.search(pattern, call.path)]


@dataclass
class Call:
    """One request."""

    front: Front
    path: str
    headers: dict[str, str]
    handler: BaseHTTPRequestHandler
    body: bytes = b""

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query)

    def ask(self) -> Answer:
        return self.front.backend(self.path, self.headers)

    def send(self, answer: Answer, length: int | None = None) -> None:
        handler = self.handler
        handler.send_response_only(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body) if length is None else length))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.close_connection = True

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.handler.connection.close()
        self.handler.close_connection = True


@contextmanager
def fronting(backend: Backend, address: str = "127.0.0.1") -> Iterator[Front]:
    front = Front(backend)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = HANG

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            call = Call(front, self.path, headers, self, body)
            front.calls.append(call)
            try:
                if not any(rule(call) for rule in front.rules):
                    call.send(call.ask())
            except OSError:
                pass  # the client has gone, as it may

        do_POST = do_GET  # noqa: N815 - as http.server wants it

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                self.close_connection = True

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads = True
    front.host = f"{address}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()
        thread.join(HANG)


def broken_after(size: int) -> Callable[[Call], None]:
    """Send the beginning of the answer, and reset the connection."""

    def act(call: Call) -> None:
        answer = call.ask()
        whole, answer.body = len(answer.body), answer.body[:size]
        call.send(answer, whole)
        call.handler.wfile.flush()
        time.sleep(0.05)  # a reset takes back what has not been read yet
        call.reset()

    return act


def saying(status: int, body: bytes = b"", **headers: str) -> Callable[[Call], None]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda call: call.send(Answer(status, sent, body))


def dripping(call: Call) -> None:
    call.handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        call.handler.wfile.write(b".")
        call.handler.wfile.flush()
        time.sleep(0.02)


def wanting(realm: str, token: str = TOKEN, scheme: str = "Bearer") -> Callable[[Call], bool]:
    """Let nobody in without the token."""

    def act(call: Call) -> bool:
        if call.headers.get("authorization") == f"{scheme} {token}":
            return False
        scope = "repository:shop/web:pull"
        challenge = f'{scheme} realm="{realm}",service="the, registry",scope="{scope}"'
        call.send(Answer(401, {"WWW-Authenticate": challenge}, b"{}"))
        return True

    return act


@contextmanager
def docker_registry(folder: Path, *, login: bool = False) -> Iterator[str]:
    """Run Debian's docker-registry, and yield its host and port."""
    program = shutil.which("docker-registry")
    if not program or not shutil.which("skopeo"):
        pytest.skip("docker-registry or skopeo is not installed")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    config = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": host},
    }
    if login:
        (folder / "htpasswd").write_text(HTPASSWD + "\n")
        config["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}
    (folder / "registry.yml").write_text(json.dumps(config))
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(folder / "registry.yml")], stdout=log, stderr=log)
    try:
        for _try in range(200):
            try:
                socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            pytest.fail((folder / "registry.log").read_text())
        yield host
    finally:
        process.terminate()
        process.wait(HANG)


def push(layout: Path, tag: str, host: str, name: str = "shop/web:1", *more: str) -> None:
    subprocess.run(
        [
            "skopeo",
            "copy",
            "--insecure-policy",
            "--dest-tls-verify=false",
            *more,
            f"oci:{layout}:{tag}",
            f"docker://{host}/{name}",
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
