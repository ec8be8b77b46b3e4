"""Where a scan may go, when, and how fast: decided before any packet, as a calculation.

What is one's own by its range (loopback, private, link-local) is permitted once a target names it. Everything else
needs a line in `allow`. `deny` always wins.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
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

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Line = Network | str
"""A line of `allow` or `deny`: an address as a network of one, a network, or a lower-case name."""


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
        moment = moment.astimezone(UTC)
        end: datetime | None = None
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for day in range(-1, 8):
            opens = midnight + timedelta(days=day, minutes=self.start)
            if (opens.weekday() in self.days and opens <= (end or moment) < opens + timedelta(minutes=self.minutes)) or (opens == end and opens.weekday() in self.days):
                end = opens + timedelta(minutes=self.minutes)
        return end

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The answer, and why: the rest of a sentence that begins with the address ("is a public address ...")."""

    allowed: bool
    because: str


def permit(address: Address, scope: Scope, *, named_by: str = "") -> Permission:
    """Decide on one address. `named_by` is the name that led to it, if one did.

    An address that stands for another (IPv4 in IPv6) is judged by both, so that no spelling gets past a line.
    """
    address = plain(address)
    every = tuple(meant(address))
    if named_by and named_by in scope.deny:
        return Permission(allowed=False, because=f"`deny` names {named_by}")
    for each in every:
        if line := _line(each, scope.deny, scope):
            return Permission(allowed=False, because=f"{_stands(address, each)}`deny` names {line}")
    reasons = [_judge(each, address, scope) for each in (every[1:] or every)]
    return next((reason for reason in reasons if not reason.allowed), reasons[0])


def parts(network: Network, scope: Scope) -> tuple[tuple[Network, Permission], ...]:
    """Decide on every address of a network: pieces that lie in order, do not overlap and fill it, with the answers.

    Where IPv6 addresses stand for IPv4 ones the pieces are no finer than the lines: see `permit` for each of those.
    """
    return tuple((piece, permit(piece.network_address, scope)) for piece in _pieces(network, scope))


def _judge(each: Address, written: Address, scope: Scope) -> Permission:
    kind = reach(each)
    said = _stands(written, each)
    if kind in OWN:
        return Permission(allowed=True, because=f"{said}is {kind}")
    narrow = kind in NEVER_WIDE
    for candidate in dict.fromkeys((each, written)):
        if line := _line(candidate, scope.allow, scope, narrow=narrow):
            return Permission(allowed=True, because=f"{said}is {kind}, and `allow` names {line}")
    wanted = "only a line of its own in `allow` opens that" if narrow else "no line of `allow` names it"
    return Permission(allowed=False, because=f"{said}is {kind}, and {wanted}")


def _line(address: Address, lines: tuple[Line, ...], scope: Scope, *, narrow: bool = False) -> str:
    """The first line that covers an address. `narrow`: only one that names this address and nothing else."""
    known = dict(scope.names)
    for line in lines:
        if isinstance(line, str):
            if not narrow and address in known.get(line, ()):
                return line
        elif line.version == address.version and address in line and (not narrow or line.num_addresses == 1):
            return str(line.network_address) if line.num_addresses == 1 else str(line)
    return ""


def _stands(written: Address, each: Address) -> str:
    return "" if written == each else f"stands for {each}, which "


def _pieces(network: Network, scope: Scope) -> Iterator[Network]:
    """Cut a network along every border where the answer may change."""
    known = dict(scope.names)
    lines = [line for line in (*scope.allow, *scope.deny) if not isinstance(line, str)]
    named = [ipaddress.ip_network(each) for found in known.values() for each in found]
    borders = {each for each in (*KIND_NETWORKS, *TRANSLATED, *lines, *named) if each.version == network.version}
    inside = [each for each in borders if each != network and each.subnet_of(network)]  # type: ignore[arg-type]
    if not inside:
        yield network
        return
    for half in network.subnets():
        yield from _pieces_of(half, inside)


def _pieces_of(network: Network, borders: list[Network]) -> Iterator[Network]:
    inside = [each for each in borders if each != network and each.subnet_of(network)]  # type: ignore[arg-type]
    if not inside:
        yield network
        return
    for half in network.subnets():
        yield from _pieces_of(half, inside)
