"""MongoDB, and what speaks its protocol: whether it lists its databases without a login."""

import struct
from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, Talk, shown, talk
from scangate.scanners.access.protocols.bson import Value, decode, encode
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules.unauthenticated import MONGODB

_MSG: Final = 2013
_HEADER: Final = struct.Struct("<iiii")
_START: Final = _HEADER.size + 5
"""Where the document begins in OP_MSG: after the flags, and one byte for the kind of section."""


def question(number: int, command: str, **more: str | int | bool) -> bytes:
    """Write a command to the database `admin` as OP_MSG (MongoDB 3.6 and later)."""
    document = encode({command: 1, **more, "$db": "admin"})
    return _HEADER.pack(_START + len(document), number, 0, _MSG) + b"\0\0\0\0\0" + document


def answer(data: bytes) -> dict[str, Value]:
    """Read the document of an OP_MSG. Raises NotSpokenError for anything else."""
    if len(data) < _START or _HEADER.unpack_from(data)[3] != _MSG:
        raise NotSpokenError("does not speak MongoDB's protocol")
    return decode(data[_START:])


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Open when listDatabases is answered; `hello` is answered to anyone, by design."""
    with talk(endpoint, ctx) as server:
        hello = _command(server, question(1, "hello"))
        if "ok" not in hello:
            raise NotSpokenError("does not speak MongoDB's protocol")
        listed = _command(server, question(2, "listDatabases", nameOnly=True))
    if listed.get("ok") == 1 and "databases" in listed:
        wire = str(hello.get("maxWireVersion", ""))
        yield Hit(
            rule=MONGODB,
            said=f"{endpoint.where} listed its databases without a login",
            facts=(("maxWireVersion", shown(wire)),) if wire else (),
        )


def _command(server: Talk, asked: bytes) -> dict[str, Value]:
    return answer(server.ask(asked, lambda heard: len(heard) >= max(16, int.from_bytes(heard[:4], "little"))))


PROBE: Final = Probe(
    name="mongodb",
    rules=(MONGODB,),
    sends='OP_MSG with `{hello: 1, $db: "admin"}`, then with `{listDatabases: 1, nameOnly: true, $db: "admin"}`',
    check=check,
    services=frozenset({"mongodb", "mongod"}),
    ports=frozenset({27017, 27018, 27019}),
)
