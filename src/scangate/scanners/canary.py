"""Canaries: something known to be bad, on loopback, that a scanner must find, or its "0 findings" mean nothing.

A scanner that has one offers `canary()`, a context manager: the fixture listens while it is entered, and what it gives
says what to scan and which rules must come of it. `scangate doctor --canary` tries those of all scanners.
"""

import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from scangate.core.model import Finding, Target
from scangate.scanners import Scanner

HOST: Final = "127.0.0.83"
"""Where canaries sit: loopback, and hardly where anything else listens."""
_PATIENCE: Final = 20.0
"""Seconds a connection may last: a scanner that hangs must not keep the fixture."""

Answer = Callable[[bytes], bytes]
"""What a service says to what it is sent; the first call, with nothing sent, is its greeting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What is to be scanned with which options, and the rules that must be found. Other findings do no harm."""

    target: Target
    rules: frozenset[str]
    options: Mapping[str, Any] = field(default_factory=dict)

    def missed(self, findings: Iterable[Finding]) -> tuple[str, ...]:
        """The rules that were not found."""
        return tuple(sorted(self.rules.difference(each.rule for each in findings)))


def canary_of(scanner: Scanner) -> AbstractContextManager[Canary] | None:
    """Give the canary that a scanner offers, not entered yet; None when it has none."""
    offered: Callable[[], AbstractContextManager[Canary]] | None = getattr(scanner, "canary", None)
    return offered() if offered else None


@contextlib.contextmanager
def listening(answer: Answer) -> Iterator[int]:
    """Serve on a free TCP port of HOST for as long as it is entered. It never connects to anything."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.request.settimeout(_PATIENCE)
                self.request.sendall(answer(b""))
                while asked := self.request.recv(4096):
                    self.request.sendall(answer(asked))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 64

    with Server((HOST, 0), Connection) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
