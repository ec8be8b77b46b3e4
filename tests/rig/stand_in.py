"""What the stand-ins share: a server in a thread, over a real socket, ended with the block."""

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

STRICT = "Strict-Transport-Security: max-age=63072000\r\n"
Talk = Callable[[BinaryIO, BinaryIO], None]
"""One conversation: what the client sends, and where the answers go."""


@contextmanager
def stand_in(address: str, port: int, talk: Talk, tls: tuple[Path, Path] | None = None) -> Iterator[None]:
    """Hold one conversation with each client that connects. `tls` is a certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
    if context and tls:
        context.load_cert_chain(*tls)
        context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(10)
            with suppress(OSError, ValueError, EOFError):
                spoken = context.wrap_socket(self.request, server_side=True) if context else self.request
                with spoken, spoken.makefile("rb") as heard, spoken.makefile("wb", buffering=0) as said:
                    talk(heard, said)  # type: ignore[arg-type]

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    with Server((address, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()


def http(answers: dict[str, tuple[int, str]], refusal: tuple[int, str], headers: str = "") -> Talk:
    """Answer GET by path with JSON; every other path gets `refusal`. `headers` end in CR LF each."""

    def talk(heard: BinaryIO, said: BinaryIO) -> None:
        while line := heard.readline(8192):
            if b" HTTP/1." not in line:  # as every server does, at once
                said.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                return
            while heard.readline(8192) not in (b"\r\n", b"\n", b""):
                pass
            path = line.split()[1].decode(errors="replace").partition("?")[0] if line.count(b" ") >= 2 else ""
            status, body = answers.get(path, refusal)
            head = (
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{headers}"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            said.write(head.encode() + (b"" if line.startswith(b"HEAD") else body.encode()))

    return talk
