"""A screen for anyone (xvfb). The hardened side has none.

The X server would listen on all addresses: it gets a socket file only, and a relay of ours the address of the rig.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("Xvfb",)
hardened = None


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Turn access control off (`-ac`)."""
    room = site.room("x11", "root")
    Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
    display = 1000 + os.getpid() % 30000
    screen = ("-screen", "0", "64x64x8", "-nolisten", "tcp", "-nolock")
    behind = Path(f"/tmp/.X11-unix/X{display}")
    try:
        with daemon(("Xvfb", f":{display}", "-ac", *screen), room / "log"):
            until = time.monotonic() + 10
            while not behind.exists() and time.monotonic() < until:
                time.sleep(0.02)
            with _relay(site.address, 6000, behind):
                yield
    finally:
        behind.unlink(missing_ok=True)


@contextmanager
def _relay(address: str, port: int, behind: Path) -> Iterator[None]:
    with socket.create_server((address, port)) as listener:

        def serve() -> None:
            with suppress(OSError):  # the listener was closed: that is the end
                while True:
                    near, _peer = listener.accept()
                    threading.Thread(target=_converse, args=(near, behind), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _converse(near: socket.socket, behind: Path) -> None:
    with near, socket.socket(socket.AF_UNIX) as far:
        far.connect(str(behind))
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(2**16):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
