"""Servers that say what a test wants (constructed), on an address of loopback that only these tests use."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from scangate.core.model import Asked, Finding, Gap, Item, Kind, Note, Service, Target
from scangate.scanners import Context

ADDRESS = "127.77.41.9"
Said = Callable[[bytes], bytes | None]
"""From all that was heard on a connection to the next answer; None to hang up, b"" to stay silent."""


@contextmanager
def tcp(said: Said, greeting: bytes = b"") -> Iterator[int]:
    """Hold many conversations; gives the port."""
    listener = socket.create_server((ADDRESS, 0), backlog=64)
    ended = threading.Event()

    def hold(client: socket.socket) -> None:
        heard = b""
        with client, suppress(OSError):
            client.settimeout(0.1)
            client.sendall(greeting)
            while not ended.is_set():
                try:
                    piece = client.recv(65536)
                except TimeoutError:
                    continue
                if not piece:
                    return
                heard += piece
                answer = said(heard)
                if answer is None:
                    return
                client.sendall(answer)

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError):
                client, _peer = listener.accept()
                threading.Thread(target=hold, args=(client,), daemon=True).start()

    listener.settimeout(0.1)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        thread.join(5)
        listener.close()


@contextmanager
def udp(said: Said) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.bind((ADDRESS, 0))
        source.settimeout(0.1)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with suppress(OSError):
                    heard, peer = source.recvfrom(65536)
                    if answer := said(heard):
                        source.sendto(answer, peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield source.getsockname()[1]
        finally:
            ended.set()
            thread.join(5)


class Seen:
    """What a scan yielded."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items

    def all(self, kind: type) -> list[Any]:
        return [each for each in self.items if isinstance(each, kind)]

    @property
    def rules(self) -> list[str]:
        return sorted(each.rule for each in self.all(Finding))

    @property
    def gaps(self) -> list[str]:
        return [each.reason for each in self.all(Gap)]

    @property
    def notes(self) -> list[str]:
        return [each.text for each in self.all(Note)]

    @property
    def asked(self) -> int:
        return sum(each.count for each in self.all(Asked))


def look(scanner: Any, *services: Service, seconds: float = 60, **options: object) -> Seen:
    target = Target(id="edge", kind=Kind.HOSTS, addresses=tuple({each.host for each in services}))
    ctx = Context(
        root=Path("/"), home=Path("/"), deadline=time.monotonic() + seconds, options=options, services=services
    )
    return Seen(list(scanner.scan(target, ctx)))


def service(port: int, name: str, protocol: str = "tcp", host: str = ADDRESS, **more: str) -> Service:
    return Service(host=host, port=port, protocol=protocol, state="open", name=name, address=host, **more)
