"""X11: whether the server takes a connection without a cookie."""

from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, shown, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules.unauthenticated import X11

_SETUP: Final = b"l\0\x0b\0" + bytes(8)
"""Little-endian, protocol 11.0, no name and no data of an authorization."""
_FAILED, _SUCCESS, _MORE = range(3)
_LEAST: Final = 8


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    with talk(endpoint, ctx) as server:
        heard = server.ask(_SETUP, lambda heard: len(heard) >= _LEAST and len(heard) >= _length(heard), most=4_096)
    if len(heard) < _LEAST or heard[0] > _MORE or (heard[0] != _MORE and heard[2:4] != b"\x0b\0"):
        raise NotSpokenError("does not speak X11")
    if heard[0] == _SUCCESS:
        vendor = heard[40 : 40 + int.from_bytes(heard[24:26], "little")]
        yield Hit(rule=X11, said=f"{endpoint.where} granted access", facts=(("vendor", shown(vendor)),))


def _length(heard: bytes) -> int:
    return _LEAST + 4 * int.from_bytes(heard[6:8], "little")


PROBE: Final = Probe(
    name="x11",
    rules=(X11,),
    sends="`6c 00 0b 00 00 00 00 00 00 00 00 00`, the connection setup without an authorization",
    check=check,
    services=frozenset({"X11", "x11"}),
    ports=frozenset(range(6000, 6010)),
)
