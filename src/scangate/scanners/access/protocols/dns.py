"""DNS: whether a server resolves for anyone, and whether it hands out whole zones.

A resolver that resolves asks others. So that none of that is our doing, it is first asked, without wishing for
recursion, whether it would; only then for a name below `.invalid`, which nobody owns (RFC 6761).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, exchange, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

RECURSION: Final = Rule(
    id="access-dns-recursion", title="A DNS server resolves for anyone", severity=Severity.MEDIUM,
    cwes=("CWE-406",), why="its answers can be aimed at others as a flood, and its cache can be poisoned",
    fix="let DNS on {port} of {host} resolve for its own networks only", controls=("NIST SP 800-81-2",),
    script="dns-recursion",
)  # fmt: skip
TRANSFER: Final = Rule(
    id="access-dns-zone-transfer", title="A DNS server hands out a whole zone", severity=Severity.MEDIUM,
    cwes=("CWE-200",), why="a zone is a map of the network, with every name in it",
    fix="allow transfers from {port} of {host} to its secondaries only", controls=("NIST SP 800-81-2",),
    script="dns-zone-transfer",
)  # fmt: skip
_NUMBER: Final = 0x5CA9
_A, _SOA, _AXFR = 1, 6, 252
_REFUSED, _NO_SUCH_NAME = 5, 3
_NOBODYS: Final = "scangate.invalid"
_LABELS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the first twelve bytes of an answer say. `first` is the type of its first record, 0 without one."""

    recurses: bool
    code: int
    answers: int
    first: int = 0


def query(name: str, kind: int, *, wish: bool = False) -> bytes:
    """Ask for one type of a name; `wish` for recursion. Raises UnicodeError or ValueError for what is no name."""
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    asked = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    return struct.pack(">6H", _NUMBER, 0x0100 if wish else 0, 1, 0, 0, 0) + asked + struct.pack(">2H", kind, 1)


def read(data: bytes) -> Head | None:
    """Read an answer to a question of ours; None for anything else."""
    if len(data) < 12 or data[:2] != _NUMBER.to_bytes(2, "big"):  # noqa: PLR2004 - a header
        return None
    _number, flags, questions, answers, _more, _most = struct.unpack(">6H", data[:12])
    if not flags & 0x8000:
        return None
    at = 12
    for _question in range(min(questions, 1)):
        at = _past(data, at) + 4
    at = _past(data, at)
    first = int.from_bytes(data[at : at + 2], "big") if answers and at + 2 <= len(data) else 0
    return Head(recurses=bool(flags & 0x80), code=flags & 0xF, answers=answers, first=first)


def check_udp(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Look at `recursion available` and what becomes of a name that is nobody's."""
    first = read(exchange(endpoint, ctx, query(_NOBODYS, _A)))
    if first is None:
        raise NotSpokenError("did not answer as DNS does")
    if not first.recurses and first.code != _REFUSED:
        return
    heard = read(exchange(endpoint, ctx, query(_NOBODYS, _A, wish=True), tries=1, seconds=3.0))
    if heard is None and first.recurses:
        said, sure = "says that it resolves for us (recursion available)", Confidence.FIRM
    elif heard is None or not heard.recurses or heard.code == _REFUSED:
        return
    elif heard.code in (0, _NO_SUCH_NAME):
        said, sure = "resolved a name that is not its own", Confidence.CONFIRMED
    else:
        said, sure = f"tried to resolve a name that is not its own (code {heard.code})", Confidence.FIRM
    yield Hit(rule=RECURSION, said=f"{endpoint.where} {said}", confidence=sure)


def check_tcp(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Ask for each zone of the config, and for those that the host's own name lies in; hear the first message only."""
    if read(_asked(endpoint, ctx, query(_NOBODYS, _A))) is None:
        raise NotSpokenError("did not answer as DNS does")
    for zone in _zones(endpoint, ctx):
        try:
            heard = read(_asked(endpoint, ctx, query(zone, _AXFR)))
        except (NotSpokenError, BrokenError, ValueError):  # ValueError: what the config names is no name
            continue
        if heard and not heard.code and heard.answers and heard.first == _SOA:
            yield Hit(rule=TRANSFER, said=f"{endpoint.where} began to hand out {zone}", facts=(("zone", zone),))
            return


def _asked(endpoint: Endpoint, ctx: Context, asked: bytes) -> bytes:
    with talk(endpoint, ctx) as server:
        framed = len(asked).to_bytes(2, "big") + asked
        heard = server.ask(framed, lambda heard: len(heard) >= 2 and len(heard) >= 2 + int.from_bytes(heard[:2], "big"))  # noqa: PLR2004
    return heard[2:]


def _zones(endpoint: Endpoint, ctx: Context) -> Iterator[str]:
    labels = endpoint.host.rstrip(".").split(".") if endpoint.named else []
    own = (".".join(labels[skip:]) for skip in range(max(0, len(labels) - _LABELS + 1)))
    yield from dict.fromkeys((*map(str, ctx.options.get("zones", ())), *own))


def _past(data: bytes, at: int) -> int:
    """Where a name ends that begins at `at`."""
    while at < len(data) and data[at]:
        if data[at] >= 0xC0:  # noqa: PLR2004 - a pointer, which is two bytes and the end
            return at + 2
        at += 1 + data[at]
    return at + 1


PROBE_UDP: Final = Probe(
    name="dns over UDP",
    rules=(RECURSION,),
    sends="the A record of `scangate.invalid`, without and (where the answer leaves it open) with `recursion desired`",
    check=check_udp,
    services=frozenset({"domain"}),
    ports=frozenset({53}),
    protocol="udp",
)
PROBE_TCP: Final = Probe(
    name="dns over TCP",
    rules=(TRANSFER,),
    sends="the same question; AXFR for the zones of the option `zones` and those that the host's own name lies in",
    check=check_tcp,
    services=frozenset({"domain"}),
    ports=frozenset({53}),
)
