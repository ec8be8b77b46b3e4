"""MQTT: whether the broker takes a client without a name and password."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

MQTT: Final = Rule(
    id="net-no-auth-mqtt", title="An MQTT broker takes anyone", severity=Severity.HIGH, cwes=("CWE-306",),
    why="anyone who reaches the port hears what devices say, and can say something else",
    fix="refuse anonymous clients of MQTT on {port} of {host}", controls=("PCI DSS 4.0.1 8.3.1",),
    script="mqtt-subscribe",
)  # fmt: skip
_CONNECT: Final = b"\x10\x14\x00\x04MQTT\x04\x02\x00\x0a\x00\x08scangate"
_DISCONNECT: Final = b"\xe0\x00"
_TAKEN: Final = b"\x20\x02"


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Connect with a clean session, subscribe to nothing, and leave."""
    with talk(endpoint, ctx) as server:
        heard = server.ask(_CONNECT, lambda heard: len(heard) >= 4, most=64)  # noqa: PLR2004 - a CONNACK
        if not heard.startswith(_TAKEN) or len(heard) < 4:  # noqa: PLR2004
            raise NotSpokenError("does not speak MQTT 3.1.1")
        if not heard[3]:
            server.say(_DISCONNECT)
            yield Hit(rule=MQTT, said=f"{endpoint.where} took a client without a login")


PROBE: Final = Probe(
    name="mqtt",
    rules=(MQTT,),
    sends=r"`10 14 00 04 MQTT 04 02 00 0a 00 08 scangate`, then `e0 00`",
    check=check,
    services=frozenset({"mqtt", "secure-mqtt"}),
    ports=frozenset({1883, 8883}),
)
