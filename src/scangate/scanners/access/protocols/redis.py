"""Redis, and what speaks its protocol (Valkey, KeyDB, Dragonfly): whether it tells about itself without a password."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, shown, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules.unauthenticated import REDIS

_PING: Final = b"*1\r\n$4\r\nPING\r\n"
_INFO: Final = b"*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n"
_VERSION: Final = re.compile(rb"^(?:redis|valkey)_version:([^\r\n]{1,60})", re.MULTILINE)


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Open when INFO is answered: a user without a password may be allowed PING and nothing else."""
    with talk(endpoint, ctx) as server:
        greeting = server.line(_PING)
        if not greeting.startswith(
            (b"+PONG", b"-NOAUTH", b"-NOPERM", b"-DENIED", b"-ERR", b"-LOADING", b"-MASTERDOWN")
        ):
            raise NotSpokenError("does not speak Redis")
        if not greeting.startswith((b"+PONG", b"-LOADING", b"-MASTERDOWN")):
            return
        told = server.ask(_INFO, lambda heard: heard.startswith(b"-") or heard.endswith(b"\r\n"))
    if version := _VERSION.search(told):
        yield Hit(
            rule=REDIS,
            said=f"{endpoint.where} answered INFO without a password",
            facts=(("version", shown(version[1])),),
        )


PROBE: Final = Probe(
    name="redis",
    rules=(REDIS,),
    sends=r"`*1\r\n$4\r\nPING\r\n`, then `*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n`",
    check=check,
    services=frozenset({"redis"}),
    ports=frozenset({6379}),
)
