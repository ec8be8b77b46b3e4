"""TFTP: it has no login, so being there is enough."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, exchange, shown
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

TFTP: Final = Rule(
    id="net-cleartext-tftp", title="TFTP hands out files without a login", severity=Severity.MEDIUM,
    cwes=("CWE-306", "CWE-319"), why="anyone reads the files, and whoever is on the way changes them",
    fix="replace TFTP on {port} of {host} with a protocol that has a login and TLS",
    controls=("PCI DSS 4.0.1 2.2.5",), script="tftp-version",
)  # fmt: skip
_READ: Final = b"\x00\x01scangate-no-such-file\x00octet\x00"
_DATA, _ERROR = 3, 5


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Ask for a file that should not be there: the error says that files are handed out.

    Most servers answer from another port, which a socket that hears this endpoint alone does not; then nmap's word
    counts, which heard something on the port itself.
    """
    heard = exchange(endpoint, ctx, _READ)
    if len(heard) >= 4 and int.from_bytes(heard[:2], "big") in (_DATA, _ERROR):  # noqa: PLR2004 - opcode, and a number
        words = shown(heard[4:].rstrip(b"\0")) if heard[1] == _ERROR else "a file"
        yield Hit(rule=TFTP, said=f"{endpoint.where} answered a request for a file", facts=(("answer", words),))
    elif endpoint.name == "tftp" and not endpoint.assumed:
        yield Hit(rule=TFTP, said=f"{endpoint.where} is TFTP by nmap's word", confidence=Confidence.FIRM)
    else:
        raise NotSpokenError("did not answer as TFTP does")


PROBE: Final = Probe(
    name="tftp",
    rules=(TFTP,),
    sends=r"`00 01` `scangate-no-such-file\0octet\0`, a read request",
    check=check,
    services=frozenset({"tftp"}),
    ports=frozenset({69}),
    protocol="udp",
)
