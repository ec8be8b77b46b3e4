"""A mirror on loopback: files of a folder, ETag, Last-Modified, ranges, and on request whatever servers do wrong."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from pathlib import Path
from urllib.parse import unquote


@dataclass
class Log:
    """`asked`: (path, status, range) of each request. `faults`: by path, what goes wrong with the next requests."""

    url: str = ""
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        return [path for path, _status, _range in self.asked]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, folder: Path, log: Log) -> None:
        self.folder, self.log = folder, log
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        waiting = self.log.faults.get(self.path, [])
        fault = waiting.pop(0) if waiting else ""
        file = self.folder / unquote(self.path).lstrip("/")
        if fault.isdecimal():
            self._say(int(fault), {"Retry-After": "0"})
        elif not file.is_file():
            self._say(404)
        else:
            self._send(file, fault)

    def _send(self, file: Path, fault: str) -> None:
        data = file.read_bytes()
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Last-Modified": formatdate(file.stat().st_mtime, usegmt=True)}
        if tag == self.headers.get("If-None-Match"):
            self._say(304, headers)
            return
        begin = 0
        if (asked := self.headers.get("Range", "")) and self.headers.get("If-Range", tag) == tag:
            begin = int(asked.removeprefix("bytes=").rstrip("-"))
            if begin >= len(data):
                self._say(416)
                return
        body = data[begin:]
        if asked and begin:
            first = 0 if fault == "wrong range" else begin
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        sent = body[: len(body) // 2] if fault == "break" else body
        self._say(206 if asked and begin else 200, headers, len(body))
        self.wfile.write(sent)
        self.close_connection = fault == "break"

    def _say(self, status: int, headers: dict[str, str] | None = None, length: int = 0) -> None:
        self.log.asked.append((unquote(self.path), status, self.headers.get("Range", "")))
        self.send_response(status)
        for name, value in ((headers or {}) | {"Content-Length": str(length)}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[Log]:
    log = Log()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, folder=folder, log=log)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        log.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield log
        finally:
            server.shutdown()
            thread.join(30)
