"""Remote Desktop: whether a session is begun before anyone has logged in."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

RDP: Final = Rule(
    id="access-rdp-without-nla", title="Remote Desktop without network level authentication", severity=Severity.MEDIUM,
    worst=Severity.HIGH, cwes=("CWE-287",),
    why="whoever reaches the port gets a session to attack before any login",
    fix="require network level authentication for Remote Desktop on {port} of {host}",
    controls=("CIS Windows Server 18.10.57.3.9.4",), script="rdp-enum-encryption",
)  # fmt: skip
_OLD, _TLS = 0, 1
_CONFIRM: Final = 0xD0
_CHOSEN, _REFUSED = 2, 3


def request(protocols: int) -> bytes:
    """Ask for a connection with one way to protect it (MS-RDPBCGR 2.2.1.1)."""
    return bytes.fromhex("03000013 0e e0 0000 0000 00 01 00 0800") + protocols.to_bytes(4, "little")


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Ask for RDP's own protection, and then for TLS: who wants more first says so."""
    for protocols, said, worst in (
        (_OLD, "takes sessions in RDP's own encryption", True),
        (_TLS, "takes sessions in TLS without a login first", False),
    ):
        with talk(endpoint, ctx) as server:
            heard = server.ask(request(protocols), lambda heard: len(heard) >= 4 and len(heard) >= heard[3], most=512)  # noqa: PLR2004
        if heard[:2] != b"\x03\x00" or len(heard) < 11 or heard[5] != _CONFIRM:  # noqa: PLR2004
            raise NotSpokenError("does not speak Remote Desktop's protocol")
        kind = heard[11] if len(heard) >= 19 else 0  # noqa: PLR2004 - one of before 2003 says nothing
        if kind == _CHOSEN or not kind:
            yield Hit(rule=RDP, said=f"{endpoint.where} {said}", severity=RDP.worst if worst else None)
            return


PROBE: Final = Probe(
    name="rdp",
    rules=(RDP,),
    sends="`03 00 00 13 0e e0 00 00 00 00 00 01 00 08 00 00 00 00 00`; then the same with `01` for TLS",
    check=check,
    services=frozenset({"ms-wbt-server", "rdp"}),
    ports=frozenset({3389}),
)
