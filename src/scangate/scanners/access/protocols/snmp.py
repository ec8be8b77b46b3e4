"""SNMP: whether it answers versions 1 and 2c, to the communities that everyone knows."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access import ber
from scangate.scanners.access.probe import NotSpokenError, Probe, exchange, shown
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules import cleartext, unauthenticated

PRIVATE: Final = Rule(
    id="net-no-auth-snmp-private", title="SNMP answers the community `private`", severity=Severity.HIGH,
    cwes=("CWE-306", "CWE-1392"), why="by custom this community may write: change routes, ports and names",
    fix="remove the community `private` on {port} of {host}", controls=("PCI DSS 4.0.1 2.2.2",),
    script="snmp-sysdescr",
)  # fmt: skip
_GET, _RESPONSE, _REPORT = 0xA0, 0xA2, 0xA8
_NUMBER: Final = 0x5CA9
_SYSTEM: Final = bytes.fromhex("2b06010201010100")
"""sysDescr.0"""
_COMMUNITIES: Final = (("public", unauthenticated.SNMP), ("private", PRIVATE))
_VERSIONS: Final = ((1, "2c"), (0, "1"))


def request(version: int, community: bytes) -> bytes:
    """Ask for the description of the system, by GetRequest."""
    binding = ber.tlv(ber.SEQUENCE, ber.tlv(ber.OID, _SYSTEM), b"\x05\x00")
    asked = ber.tlv(_GET, ber.integer(_NUMBER), ber.integer(0), ber.integer(0), ber.tlv(ber.SEQUENCE, binding))
    return ber.tlv(ber.SEQUENCE, ber.integer(version), ber.tlv(ber.OCTETS, community), asked)


def discovery() -> bytes:
    """Ask for the engine's id, as everyone must who wants to speak version 3 (RFC 3414, section 4)."""
    security = ber.tlv(ber.SEQUENCE, b"\x04\x00", ber.integer(0), ber.integer(0), b"\x04\x00", b"\x04\x00", b"\x04\x00")
    head = ber.tlv(ber.SEQUENCE, ber.integer(_NUMBER), ber.integer(65_507), b"\x04\x01\x04", ber.integer(3))
    asked = ber.tlv(_GET, ber.integer(_NUMBER), ber.integer(0), ber.integer(0), ber.tlv(ber.SEQUENCE))
    scoped = ber.tlv(ber.SEQUENCE, b"\x04\x00", b"\x04\x00", asked)
    return ber.tlv(ber.SEQUENCE, ber.integer(3), head, ber.tlv(ber.OCTETS, security), scoped)


def response(data: bytes) -> str | None:
    """Read what a GetResponse to our request says; None when it is something else."""
    try:
        tag, _pdu = ber.path(data, 0, 2)
        if tag != _RESPONSE or ber.number(ber.path(data, 0, 2, 0)[1]) != _NUMBER:
            return None
        kind, value = ber.path(data, 0, 2, 3, 0, 1)
    except ValueError:
        return None
    return shown(value) if kind == ber.OCTETS else ""


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Ask with two communities in two versions; one that wants version 3 answers the last question alone."""
    spoken: dict[str, None] = {}
    for community, rule in _COMMUNITIES:
        for version, name in _VERSIONS:
            # Only the first question is repeated: a server answers at once, or drops what it does not like.
            tries = 2 if community == "public" and version else 1
            told = response(exchange(endpoint, ctx, request(version, community.encode()), tries=tries, seconds=1.0))
            if told is not None:
                spoken[name] = None
                yield Hit(
                    rule=rule,
                    said=f"{endpoint.where} answered the community `{community}`",
                    facts=(("version", name), ("sysDescr", told)),
                )
                break
    if spoken:
        yield Hit(rule=cleartext.SNMP, said=f"{endpoint.where} speaks SNMP version {' and '.join(spoken)}")
    elif not _speaks_3(exchange(endpoint, ctx, discovery())):
        raise NotSpokenError("answered neither a community nor SNMP version 3")


def _speaks_3(data: bytes) -> bool:
    try:
        return ber.number(ber.path(data, 0, 0)[1]) == 3  # noqa: PLR2004 - the version
    except ValueError:
        return False


PROBE: Final = Probe(
    name="snmp",
    rules=(unauthenticated.SNMP, PRIVATE, cleartext.SNMP),
    sends="GetRequest of sysDescr.0 with `public` and `private`, in versions 2c and 1; then version 3's discovery",
    check=check,
    services=frozenset({"snmp"}),
    ports=frozenset({161, 1161}),
    protocol="udp",
)
