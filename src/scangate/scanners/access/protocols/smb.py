"""SMB: is version 1 spoken, and may sessions go unsigned? No session is opened."""

import struct
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

OLD: Final = Rule(
    id="net-cleartext-smb1", title="SMB version 1 is spoken", severity=Severity.HIGH, cwes=("CWE-327", "CWE-1104"),
    why="it is withdrawn, has no encryption, and its servers were taken over by worms",
    fix="turn off SMB version 1 on {port} of {host}", controls=("PCI DSS 4.0.1 2.2.5",), script="smb-protocols",
)  # fmt: skip
UNSIGNED: Final = Rule(
    id="access-smb-signing-not-required", title="SMB sessions may go unsigned", severity=Severity.MEDIUM,
    cwes=("CWE-345",), why="whoever is on the way can take over a session (relay attacks)",
    fix="require signing for SMB on {port} of {host}", controls=("CIS Windows Server 2.3.9.2",),
    script="smb2-security-mode",
)  # fmt: skip
_V1: Final = b"\xffSMB\x72" + bytes(4) + b"\x18\x01\x28" + bytes(20) + b"\x00\x0c\x00\x02NT LM 0.12\0"
_REQUIRED: Final = 0x02
_V2_HEADER: Final = 64


def negotiate_1() -> bytes:
    return len(_V1).to_bytes(4, "big") + _V1


def negotiate_2() -> bytes:
    """Offer 2.0.2 to 3.0.2; 3.1.1 would want more, and whoever speaks it speaks one of these."""
    header = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ16x", 64, 0, 0, 0, 31, 0, 0, 0, 0, 0, 0)
    body = struct.pack("<HHHHI16sQ4H", 36, 4, 1, 0, 0, b"scangate-probe-0", 0, 0x0202, 0x0210, 0x0300, 0x0302)
    return (len(header) + len(body)).to_bytes(4, "big") + header + body


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Negotiate twice, each on its own connection."""
    old = _asked(endpoint, ctx, negotiate_1())
    if old.startswith(b"\xffSMB\x72") and old[33:35] not in (b"", b"\xff\xff"):
        yield Hit(rule=OLD, said=f"{endpoint.where} chose `NT LM 0.12`")
    new = _asked(endpoint, ctx, negotiate_2())
    if not new.startswith(b"\xfeSMB") and not old.startswith(b"\xffSMB"):
        raise NotSpokenError("does not speak SMB")
    body = new[_V2_HEADER:]
    if new.startswith(b"\xfeSMB") and new[8:12] == bytes(4) and body[2:3] and not body[2] & _REQUIRED:
        yield Hit(rule=UNSIGNED, said=f"{endpoint.where} does not require signing")


def _asked(endpoint: Endpoint, ctx: Context, asked: bytes) -> bytes:
    try:
        with talk(endpoint, ctx) as server:
            heard = server.ask(asked, _framed)
    except (NotSpokenError, BrokenError):
        return b""  # who speaks the other version only hangs up
    return heard[4:]


def _framed(heard: bytes) -> bool:
    return len(heard) >= 4 and len(heard) >= 4 + int.from_bytes(heard[1:4], "big")  # noqa: PLR2004 - the length itself


PROBE: Final = Probe(
    name="smb",
    rules=(OLD, UNSIGNED),
    sends="NEGOTIATE of version 1 with `NT LM 0.12`; on a second connection NEGOTIATE of versions 2.0.2 to 3.0.2",
    check=check,
    services=frozenset({"microsoft-ds", "smb"}),
    ports=frozenset({445}),
)
