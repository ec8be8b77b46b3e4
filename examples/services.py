"""Starts real services on a loopback address of their own, and stops them again, whatever happens in between.

    with running(WEAK): ...     # 127.0.0.77: FTP 2121, Redis 6379, HTTP 8080, HTTPS 8443
    with running(FIXED): ...    # 127.0.0.77: HTTPS 8443; Redis on a socket file

Each service is a child process (servers.py) that the kernel ends when its parent dies. Linux only: elsewhere a machine
has no loopback address but 127.0.0.1, and there the user's own services may listen.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ADDRESS = "127.0.0.77"
START_SECONDS = 20.0
STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is started. `kind` is a server of servers.py; without a port it listens on no network at all."""

    kind: str
    port: int | None = None


WEAK = (
    Service(kind="anonymous-ftp", port=2121),
    Service(kind="open-redis", port=6379),
    Service(kind="cleartext-login", port=8080),
    Service(kind="expired-https", port=8443),
)
FIXED = (
    Service(kind="private-redis"),
    Service(kind="strong-https", port=8443),
)


class ServiceError(Exception):
    """A service cannot be started; the text says which, why and what to do."""


@contextlib.contextmanager
def running(services: tuple[Service, ...], address: str = ADDRESS) -> Iterator[dict[str, int]]:
    """Start services, wait until each answers, and hand out their process ids by kind. Raises ServiceError."""
    for service in services:
        _check_free(service, address)
    children: dict[str, subprocess.Popen[bytes]] = {}
    with tempfile.TemporaryDirectory(prefix="scangate-demo-") as folder, contextlib.ExitStack() as stack:
        stack.callback(_stop, children)
        for service in services:
            children[service.kind] = _start(service, address, Path(folder))
        for service in services:
            _wait_for(service, address, children[service.kind], Path(folder))
        yield {kind: child.pid for kind, child in children.items()}


def redis_server() -> str | None:
    """Where Redis is. Debian's redis-tools has it under another name: one executable, which looks at its argv[0]."""
    return shutil.which("redis-server") or shutil.which("redis-check-rdb")


def _check_free(service: Service, address: str) -> None:
    if service.kind.endswith("redis") and not redis_server():
        raise ServiceError("Redis is not installed: apt-get install redis-tools")
    if service.port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, service.port))
        except OSError as error:
            raise ServiceError(
                f"{service.kind} cannot listen on {address}:{service.port}: {error.strerror or error}. "
                "Stop what listens there (ss -ltnp shows it); the demo needs Linux, where all of 127.0.0.0/8 is local"
            ) from error


def _start(service: Service, address: str, folder: Path) -> subprocess.Popen[bytes]:
    home = folder / service.kind
    home.mkdir(mode=0o700)
    server = str(Path(__file__).with_name("servers.py"))
    words = [sys.executable, server, service.kind, address, str(service.port or 0), str(home), str(os.getpid())]
    with (folder / f"{service.kind}.log").open("wb") as log:
        # A session of its own: Ctrl-C reaches us and the scan, and the services stay until that has ended in order.
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def _wait_for(service: Service, address: str, child: subprocess.Popen[bytes], folder: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while not _answers(service, address, folder):
        if child.poll() is not None or time.monotonic() > give_up:
            said = (folder / f"{service.kind}.log").read_text(errors="replace").strip().splitlines()[-3:]
            raise ServiceError(f"{service.kind} did not start: {' / '.join(said) or 'it said nothing'}")
        time.sleep(0.05)


def _answers(service: Service, address: str, folder: Path) -> bool:
    if service.port is None:
        return (folder / service.kind / "redis.sock").exists()
    with contextlib.suppress(OSError), socket.create_connection((address, service.port), timeout=1):
        return True
    return False


def _stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        _signal(child, signal.SIGTERM)
    give_up = time.monotonic() + STOP_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.0, give_up - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)
