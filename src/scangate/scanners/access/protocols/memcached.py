"""Memcached over TCP and UDP: whether it tells its statistics without a login."""

from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, exchange, shown, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules.unauthenticated import MEMCACHED

_FRAME: Final = b"\x5c\x9a\x00\x00\x00\x01\x00\x00"
"""A request number of ours, datagram 0 of 1."""


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Open when `stats` is answered. One with SASL speaks the binary protocol only, and hangs up."""
    with talk(endpoint, ctx) as server:
        version = server.line(b"version\r\n")
        if version.startswith(b"CLIENT_ERROR unauth"):
            return
        if not version.startswith(b"VERSION "):
            raise NotSpokenError("does not speak Memcached's text protocol")
        told = server.ask(b"stats\r\n", lambda heard: heard.endswith((b"END\r\n", b"ERROR\r\n")))
    if told.startswith(b"STAT "):
        yield Hit(
            rule=MEMCACHED,
            said=f"{endpoint.where} answered `stats` without a login",
            facts=(("version", shown(version[8:])),),
        )


def check_udp(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Ask `version` only: its answer is as short as the question."""
    heard = exchange(endpoint, ctx, _FRAME + b"version\r\n")
    if heard[:2] != _FRAME[:2] or not heard[8:].startswith(b"VERSION "):
        raise NotSpokenError("does not speak Memcached over UDP")
    yield Hit(
        rule=MEMCACHED,
        said=f"{endpoint.where} answers over UDP, to whatever address a packet says it is from",
        facts=(("version", shown(heard[16:])),),
    )


PROBE: Final = Probe(
    name="memcached",
    rules=(MEMCACHED,),
    sends=r"`version\r\n`, then `stats\r\n`",
    check=check,
    services=frozenset({"memcached", "memcache"}),
    ports=frozenset({11211}),
)
PROBE_UDP: Final = Probe(
    name="memcached over UDP",
    rules=(MEMCACHED,),
    sends=r"`5c 9a 00 00 00 01 00 00` and `version\r\n`",
    check=check_udp,
    services=frozenset({"memcached", "memcache"}),
    ports=frozenset({11211}),
    protocol="udp",
)
