"""Cassandra, and what speaks CQL: whether a session is begun without a login."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

CASSANDRA: Final = Rule(
    id="net-no-auth-cassandra", title="Cassandra without authentication", severity=Severity.CRITICAL,
    cwes=("CWE-306",), why="anyone who reaches the port can read and change the data",
    fix="set an authenticator other than AllowAllAuthenticator for Cassandra on {port} of {host}",
    controls=("PCI DSS 4.0.1 8.3.1",), script="cassandra-info",
)  # fmt: skip
_STARTUP: Final = b"\x04\x00\x00\x00\x01\x00\x00\x00\x16\x00\x01\x00\x0bCQL_VERSION\x00\x053.0.0"
_ERROR, _READY, _AUTHENTICATE = 0x00, 0x02, 0x03
_HEADER: Final = 9


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Ready means that anyone may ask now; nothing is asked."""
    with talk(endpoint, ctx) as server:
        heard = server.ask(_STARTUP, lambda heard: len(heard) >= _HEADER, most=4_096)
    if len(heard) < _HEADER or heard[0] not in (0x83, 0x84, 0x85) or heard[4] not in (_ERROR, _READY, _AUTHENTICATE):
        raise NotSpokenError("does not speak CQL")
    if heard[4] == _READY:
        yield Hit(rule=CASSANDRA, said=f"{endpoint.where} began a session without a login")


PROBE: Final = Probe(
    name="cassandra",
    rules=(CASSANDRA,),
    sends="STARTUP of version 4 of the native protocol, with `CQL_VERSION` `3.0.0`",
    check=check,
    services=frozenset({"cassandra", "cassandra-native"}),
    ports=frozenset({9042, 9142}),
)
