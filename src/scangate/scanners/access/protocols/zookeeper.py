"""ZooKeeper: whether it lists its root without a login."""

import struct
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, shown, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

ZOOKEEPER: Final = Rule(
    id="net-no-auth-zookeeper", title="ZooKeeper without authentication", severity=Severity.HIGH, cwes=("CWE-306",),
    why="anyone who reaches the port reads and changes what the systems that rely on it are configured with",
    fix="require authentication (SASL or client certificates) for ZooKeeper on {port} of {host}",
    controls=("PCI DSS 4.0.1 8.3.1",), help="https://zookeeper.apache.org/doc/current/zookeeperAdmin.html",
)  # fmt: skip

_CONNECT: Final = struct.pack(">iiqiqi16s?", 45, 0, 0, 4_000, 0, 16, bytes(16), False)
_LIST: Final = struct.pack(">iiii1s?", 14, 1, 8, 1, b"/", False)
_CLOSE: Final = struct.pack(">iii", 8, 2, -11)
_HEADER: Final = 16
"""Bytes of a reply's header: xid, zxid, error."""


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Open a session, list `/`, and close it. `srvr` tells the version where it is allowed, and nothing of access."""
    with talk(endpoint, ctx) as server:
        opened = server.ask(_CONNECT, _framed)
        if len(opened) < 20 or not 16 <= int.from_bytes(opened[:4], "big") <= 64:  # noqa: PLR2004 - a ConnectResponse
            raise NotSpokenError("does not speak ZooKeeper's protocol")
        try:
            listed = server.ask(_LIST, _framed)
            server.say(_CLOSE)
        except (NotSpokenError, BrokenError):
            return  # it wants a login first, and hangs up
    if len(listed) < 4 + _HEADER or struct.unpack(">iiqi", listed[: 4 + _HEADER])[1::2] != (1, 0):
        return
    yield Hit(rule=ZOOKEEPER, said=f"{endpoint.where} listed / without a login", facts=_version(endpoint, ctx))


def _version(endpoint: Endpoint, ctx: Context) -> tuple[tuple[str, str], ...]:
    try:
        with talk(endpoint, ctx) as server:
            said = server.ask(b"srvr", lambda heard: b"\n" in heard, most=4_096)
    except (NotSpokenError, BrokenError):
        return ()
    first = said.partition(b"\n")[0]
    return (("version", shown(first.partition(b": ")[2])),) if first.startswith(b"Zookeeper version") else ()


def _framed(heard: bytes) -> bool:
    return len(heard) >= 4 and len(heard) >= 4 + int.from_bytes(heard[:4], "big")  # noqa: PLR2004 - the length itself


PROBE: Final = Probe(
    name="zookeeper",
    rules=(ZOOKEEPER,),
    sends="a ConnectRequest without password, getChildren of `/`, closeSession; then `srvr` on a connection of its own",
    check=check,
    services=frozenset({"zookeeper"}),
    ports=frozenset({2181, 2182, 2281}),
)
