"""How an endpoint is to be asked: with TLS from the first byte, after STARTTLS, or not at all."""

from dataclasses import dataclass
from typing import Final

from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.tls.starttls import BY_NAME, BY_PORT, Protocol

PORTS: Final = frozenset({
    261, 443, 448, 465, 563, 636, 684, 695, 832, 853, 989, 990, 992, 993, 994, 995, 1443, 2083, 2087, 2096, 2376,
    2379, 2484, 3269, 4443, 4433, 5061, 5223, 5349, 5671, 5986, 6380, 6443, 6514, 6679, 6697, 8006, 8140, 8443, 8531,
    8883, 9091, 9443, 10250, 10443, 27017, 50000, 61617,
})  # fmt: skip
"""Where TLS from the first byte is to be expected."""
_OTHERS: Final = frozenset({"ssh", "telnet", "login", "shell", "exec", "jetdirect", "tcpwrapped", "vnc", "rpcbind"})
"""Services that have no TLS, and of which some react badly to what they do not understand."""
_PRINTERS: Final = range(9100, 9108)
_UNKNOWN: Final = frozenset({"", "unknown"})


@dataclass(frozen=True, slots=True)
class Manner:
    """`protocol` to speak first. `sure`: somebody says that it speaks TLS, or this protocol: silence is then a gap."""

    protocol: Protocol | None
    sure: bool


def manner(endpoint: Endpoint) -> Manner | None:
    """How to ask; None for what is no business of ours."""
    if endpoint.protocol != "tcp" or endpoint.port in _PRINTERS:
        return None
    if endpoint.tunnel == "ssl":
        return Manner(None, sure=True)
    if protocol := BY_NAME.get(endpoint.name):
        return Manner(protocol, sure=True)
    if endpoint.name in _OTHERS:
        return None
    if endpoint.name in _UNKNOWN and endpoint.port in BY_PORT:
        return Manner(BY_PORT[endpoint.port], sure=False)
    return Manner(None, sure=endpoint.port in PORTS and (endpoint.name in _UNKNOWN or "https" in endpoint.name))
