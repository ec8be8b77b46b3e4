"""Web servers that answer as a test wants (constructed), on an address of loopback that only these tests use."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scangate.core.model import Finding, Gap, Item, Kind, Note, Service, Target
from scangate.scanners import Context
from scangate.scanners.web import Web

ADDRESS = "127.77.42.9"
PAGE = "<!doctype html><title>a page</title><p>hello"


def answer(status: int = 404, body: str | bytes = "", *headers: str, kind: str = "text/html") -> bytes:
    content = body.encode() if isinstance(body, str) else body
    lines = (f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(content)}", *headers, "", "")
    return "\r\n".join(lines).encode() + content


@contextmanager
def web(told: Callable[[str, str, str], bytes]) -> Iterator[tuple[int, list[str]]]:
    """Give the port and every request line. `told` gets the method, the path and the whole head."""
    asked: list[str] = []
    ended = threading.Event()
    listener = socket.create_server((ADDRESS, 0), backlog=64)
    listener.settimeout(0.1)

    def hold(client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            client.settimeout(1)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(65536)
                if not piece:
                    return
                head += piece
            text = head.decode("latin-1")
            asked.append(text.partition("\r\n")[0])
            method, path, _version = asked[-1].split(" ")
            client.sendall(told(method, path, text))

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError):
                client, _peer = listener.accept()
                threading.Thread(target=hold, args=(client,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        ended.set()
        thread.join(5)
        listener.close()


class Seen:
    """What a scan yielded."""

    def __init__(self, items: list[Item]) -> None:
        self.findings = {each.rule: each for each in items if isinstance(each, Finding)}
        self.all = [each for each in items if isinstance(each, Finding)]
        self.gaps = [each.reason for each in items if isinstance(each, Gap)]
        self.notes = [each.text for each in items if isinstance(each, Note)]


def look(port: int, name: str = "http", host: str = ADDRESS, tunnel: str = "", **options: object) -> Seen:
    service = Service(host=host, port=port, protocol="tcp", state="open", name=name, address=host, tunnel=tunnel)
    target = Target(id="edge", kind=Kind.HOSTS, addresses=(host,))
    ctx = Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 60, options=options, services=(service,))
    return Seen(list(Web().scan(target, ctx)))
