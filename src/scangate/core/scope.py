"""Where a scan may go, when, and how fast: decided before any packet, as a calculation.

What is one's own by its range (loopback, private, link-local) is permitted once a target names it. Everything else
needs a line in `allow`. `deny` always wins.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from scangate.core.address_kinds import (
    KIND_NETWORKS,
    NEVER_WIDE,
    OWN,
    TRANSLATED,
    Address,
    Network,
    meant,
    plain,
    reach,
)
from scangate.core.lines import Line, Lines

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When packets may be sent, in UTC. It opens on each of `days` (0 is Monday) at `start`, minutes after midnight.

    It stays open for `minutes`, over midnight if need be.
    """

    days: frozenset[int] = frozenset(range(7))
    start: int = 0
    minutes: int = 24 * 60

    def closes(self, moment: datetime) -> datetime | None:
        """When the window that is open at a moment closes; None when none is open. Windows that meet are one."""
        midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        end: datetime | None = None
        for day in range(-1, 9):
            opens = midnight + timedelta(days=day, minutes=self.start)
            if opens.weekday() in self.days and opens <= (end or moment) <= (until := opens + self._length):
                end = until if end or moment < until else None
        return end

    @property
    def _length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def __str__(self) -> str:
        days = "" if len(self.days) == len(DAYS) else ", ".join(DAYS[day] for day in sorted(self.days)) + " "
        end = (self.start + self.minutes) % (24 * 60)
        return f"{days}{self.start // 60:02}:{self.start % 60:02} to {end // 60:02}:{end % 60:02} UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`names`: what the names among the lines resolved to when the scan began; see network/names.py.

    `rate` and `rate_total` are packets per second, to one target and to all of them; None is as fast as it goes.
    """

    allow: tuple[Line, ...] = ()
    deny: tuple[Line, ...] = ()
    names: tuple[tuple[str, tuple[Address, ...]], ...] = ()
    window: Window | None = None
    rate: float | None = None
    rate_total: float | None = None
    allowed: Lines = field(init=False, repr=False, compare=False)
    denied: Lines = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = dict(self.names)
        object.__setattr__(self, "allowed", Lines(self.allow, known))
        object.__setattr__(self, "denied", Lines(self.deny, known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The answer, and why, in words that follow "the address is": "a public address that no line of `allow` names"."""

    allowed: bool
    because: str
    lacks_line: bool = False
    """Refused for no more than that: a line in `allow` would open it."""


def permit(address: Address, scope: Scope, *, named_by: str = "") -> Permission:
    """Decide on one address. `named_by` is the name that led to it, if one did.

    An address that stands for another (IPv4 in IPv6) is judged by both, so that no spelling gets past a line.
    """
    written, address = address, plain(address)
    every = tuple(meant(address))
    if named_by and named_by in scope.deny:
        return Permission(allowed=False, because=f"denied by the scope's line {named_by}")
    for each in dict.fromkeys((written, *every)):
        if line := scope.denied.find(each):
            return Permission(allowed=False, because=f"{_stands(address, each)}denied by the scope's line {line}")
    reasons = [_judge(each, address, scope) for each in (every[1:] or every)]
    return next((reason for reason in reasons if not reason.allowed), reasons[0])


def parts(network: Network, scope: Scope) -> tuple[tuple[Network, Permission], ...]:
    """Decide on every address of a network: pieces that lie in order, do not overlap and fill it, with the answers.

    Where IPv6 addresses stand for IPv4 ones, each would need an answer of its own: in networks, they are refused.
    A network is at most 2**32 addresses, so that all of them, or none, have the interface identifier of ISATAP.
    """
    return tuple((piece, _whole(piece, scope)) for piece in _pieces(network, scope))


def _whole(piece: Network, scope: Scope) -> Permission:
    if piece.num_addresses > 1 and len(tuple(meant(piece.network_address))) > 1:
        because = "addresses that stand for others, which have to be named one by one"
        return Permission(allowed=False, because=because, lacks_line=True)
    return permit(piece.network_address, scope)


def _judge(each: Address, written: Address, scope: Scope) -> Permission:
    kind = reach(each)
    said = f"{_stands(written, each)}{kind}"
    if kind in OWN:
        return Permission(allowed=True, because=said)
    narrow = kind in NEVER_WIDE
    for candidate in dict.fromkeys((each, written)):
        if line := scope.allowed.find(candidate, alone=narrow):
            return Permission(allowed=True, because=f"{said} that `allow` names as {line}")
    lacking = "that only a line of its own in `allow` opens" if narrow else "that no line of `allow` names"
    return Permission(allowed=False, because=f"{said} {lacking}", lacks_line=not narrow)


def _stands(written: Address, each: Address) -> str:
    return "" if written == each else f"another spelling of {each}: "


def _pieces(network: Network, scope: Scope) -> Iterator[Network]:
    """Cut a network along every border where the answer may change."""
    lines = [line for line in (*scope.allow, *scope.deny) if not isinstance(line, str)]
    named = [ipaddress.ip_network(each) for _name, found in scope.names for each in found]
    yield from _cut(network, {*KIND_NETWORKS, *TRANSLATED, *lines, *named})


def _cut(network: Network, borders: Iterable[Network]) -> Iterator[Network]:
    inside = [each for each in borders if each != network and _holds(network, each)]
    if not inside:
        yield network
        return
    for half in network.subnets():
        yield from _cut(half, inside)


def _holds(network: Network, other: Network) -> bool:
    # Only networks of one version can be compared, which their types cannot say.
    return network.version == other.version and other.subnet_of(network)  # type: ignore[arg-type]
