"""VNC: which security types it offers."""

from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, Talk, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules import cleartext, unauthenticated

_NONE: Final = 1
_ENCRYPTED: Final = frozenset({5, 6, 13, 18, 19, 129, 130, 133, 134})
"""RA2 in its spellings, TLS and VeNCrypt."""
_BANNER: Final = 12


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Hear the types, and leave before one is chosen."""
    with talk(endpoint, ctx) as server:
        banner = server.hear(lambda heard: len(heard) >= _BANNER, most=64)
        if not banner.startswith(b"RFB 0") or len(banner) < _BANNER:
            raise NotSpokenError("does not speak VNC")
        old = banner[:_BANNER] < b"RFB 003.007\n"
        types = _types(server, b"RFB 003.003\n" if old else b"RFB 003.008\n", old=old)
    if not types:
        return
    facts = (("security types", ", ".join(map(str, types))),)
    if _NONE in types:
        yield Hit(rule=unauthenticated.VNC, said=f"{endpoint.where} requires no authentication", facts=facts)
    if endpoint.tunnel != "ssl" and not _ENCRYPTED.intersection(types):
        yield Hit(rule=cleartext.VNC, said=f"{endpoint.where} is vnc and no TLS was offered", facts=facts)


def _types(server: Talk, version: bytes, *, old: bool) -> list[int]:
    if old:  # the server chooses, in four bytes
        heard = server.ask(version, lambda heard: len(heard) >= 4, most=64)  # noqa: PLR2004
        return [heard[3]] if len(heard) >= 4 and heard[3] else []  # noqa: PLR2004
    heard = server.ask(version, lambda heard: len(heard) > heard[0], most=512)
    return sorted(set(heard[1 : 1 + heard[0]]))


PROBE: Final = Probe(
    name="vnc",
    rules=(unauthenticated.VNC, cleartext.VNC),
    sends=r"`RFB 003.008\n`, or `RFB 003.003\n` to a server that knows no later one",
    check=check,
    services=frozenset({"vnc"}),
    ports=frozenset(range(5900, 5910)),
)
