"""ZooKeeper (constructed: the real one needs Java). The hardened side answers `srvr` to nobody."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rig.site import Site
from rig.stand_in import stand_in

PROGRAMS: tuple[str, ...] = ()
_SRVR = (
    b"Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC\n"
    b"Latency min/avg/max: 0/0.0/0\nReceived: 1\nSent: 0\nConnections: 1\nOutstanding: 0\nZxid: 0x0\n"
    b"Mode: standalone\nNode count: 5\n"
)
_CHILDREN = (b"zookeeper", b"customers")


def _frame(heard: BinaryIO, first: bytes) -> bytes:
    (length,) = struct.unpack(">i", first)
    return heard.read(length)


def _told(heard: BinaryIO, said: BinaryIO) -> None:
    first = heard.read(4)
    if first.isalpha():
        said.write({b"srvr": _SRVR, b"ruok": b"imok", b"stat": _SRVR}.get(first, b""))
        return
    _frame(heard, first)  # the request for a session
    session = struct.pack(">iiq", 0, 30000, 1) + struct.pack(">i", 16) + bytes(16)
    said.write(struct.pack(">i", len(session)) + session)
    while len(first := heard.read(4)) == 4:
        request = _frame(heard, first)
        xid, kind = struct.unpack(">ii", request[:8])
        body = struct.pack(">iqi", xid, 1, 0)
        if kind in (8, 12):  # getChildren, getChildren2
            body += struct.pack(">i", len(_CHILDREN))
            body += b"".join(struct.pack(">i", len(name)) + name for name in _CHILDREN)
            body += bytes(68) if kind == 12 else b""
        said.write(struct.pack(">i", len(body)) + body)
        if kind == -11:
            return


def _silent(heard: BinaryIO, said: BinaryIO) -> None:
    first = heard.read(4)
    if first.isalpha():
        said.write(first + b" is not executed because it is not in the whitelist.\n")


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer the four-letter words, and list what is stored."""
    with stand_in(site.address, 2181, _told):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Close on everyone who does not speak TLS with a certificate, as far as this stand-in goes."""
    with stand_in(site.address, 2181, _silent):
        yield
