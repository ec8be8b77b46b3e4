"""A context in a scope, and listeners that the tests start on loopback addresses of their own."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from scangate.core.scope import Scope
from scangate.scanners import Context

HOST = "127.77.31.1"


@pytest.fixture
def context(tmp_path) -> Callable[..., Context]:
    def make(scope: Scope | None = None, *, seconds: float = 20, cancelled=lambda: False, services=()) -> Context:
        deadline = time.monotonic() + seconds
        return Context(
            root=tmp_path,
            home=tmp_path,
            deadline=deadline,
            scope=scope or Scope(),
            cancelled=cancelled,
            services=services,
        )

    return make


@pytest.fixture
def listen() -> Iterator[Callable[..., int]]:
    """Start a TCP listener that runs `serve` on every connection; gives its port."""
    with ExitStack() as stack:

        def start(serve=lambda _connection: None, host: str = HOST) -> int:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listener = stack.enter_context(socket.socket(family))
            listener.bind((host, 0))
            listener.listen(8)

            def accept() -> None:
                while True:
                    try:
                        connection, _peer = listener.accept()
                    except OSError:
                        return
                    with connection:
                        serve(connection)

            threading.Thread(target=accept, daemon=True).start()
            stack.callback(lambda: listener.shutdown(socket.SHUT_RDWR))
            return listener.getsockname()[1]

        yield start
