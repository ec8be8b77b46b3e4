"""What of a target may be touched, worked out before the first packet: the addresses of its hosts, inside the scope.

IPv4 and IPv6 are apart, as are single addresses and networks. Each name stands by itself: its addresses are pinned, and
the name is given to TLS (SNI) and HTTP (Host).
"""

import ipaddress
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from scangate.core.address_kinds import Address, Network
from scangate.core.model import Gap, Note, Target
from scangate.core.scope import Scope
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network import guard, names
from scangate.scanners.network.address import Host, parse_hosts
from scangate.scanners.network.admission import Admission

NAMES: Final = 60.0
"""Seconds for resolving all names of a target."""
BOTH: Final = frozenset({4, 6})
Resolve = Callable[[str], tuple[Address, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Addresses, or networks, of one IP version: one run of nmap. `name` is the user's word when it was a name."""

    version: int
    name: str = ""
    addresses: tuple[Address, ...] = ()
    networks: tuple[Network, ...] = ()
    exclude: tuple[Network, ...] = ()

    def word(self, address: str) -> str:
        """What the user calls the host at this address."""
        return self.name or address


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of a target. `gaps` are what cannot or may not be reached; each counts as one of what was asked."""

    batches: tuple[Batch, ...]
    gaps: tuple[Gap, ...] = ()
    notes: tuple[Note, ...] = ()


def plan_for(target: Target, ctx: Context, versions: frozenset[int] = BOTH) -> Plan:
    """Work it out in the scope of this scan: its window must be open, and names are resolved as they were before.

    Raises ScanError for hosts that cannot be read, for an excluded name that does not resolve, outside the window.
    """
    guard.window_open(ctx)
    until = min(ctx.deadline, time.monotonic() + NAMES)

    def look_up(name: str) -> tuple[Address, ...]:
        ctx.check()
        return names.resolve(name, until)

    return plan(target, guard.pinned(ctx), look_up, versions)


def plan(target: Target, scope: Scope, resolve: Resolve, versions: frozenset[int] = BOTH) -> Plan:
    """Work it out. `scope` has its names resolved; `versions` limits names only. Raises ScanError as `plan_for`."""
    try:
        hosts = parse_hosts(target.addresses)
        barred = tuple(_barred(parse_hosts(target.exclude), resolve))
    except ValueError as error:
        raise ScanError(str(error), advice="correct the hosts of this target in scangate.yml") from None
    admission = Admission(scope)
    batches = [*_literal(hosts, barred, admission)]
    wanted = tuple(dict.fromkeys(host.text for host in hosts if host.network is None))
    barred_names = {text.lower().removesuffix(".") for text in target.exclude}
    notes = [Note(text=f"{name} is excluded") for name in wanted if name in barred_names]
    resolved, gaps = _resolved((name for name in wanted if name not in barred_names), resolve)
    for name, addresses in resolved:
        kept = [address for address in addresses if not _within(address, barred)]
        notes += [Note(text=f"{address} of {name} is excluded") for address in addresses if address not in kept]
        asked = [address for address in kept if address.version in versions]
        notes += [
            Note(text=f"{address} of {name} is left out by `resolve`") for address in kept if address not in asked
        ]
        if kept and not asked:
            gaps.append(Gap(what=name, reason="none of its addresses is of the IP version that `resolve` asks for"))
        permitted = admission.of_name(name, asked)
        for version, members in groupby(permitted, key=lambda address: address.version):
            batches.append(Batch(version=version, name=name, addresses=tuple(members), exclude=_of(version, barred)))
    return Plan(batches=tuple(batches), gaps=(*gaps, *admission.gaps), notes=(*notes, *admission.notes()))


def _literal(hosts: Iterable[Host], barred: tuple[Network, ...], admission: Admission) -> Iterator[Batch]:
    given = [host.network for host in hosts if host.network is not None]
    for version in (4, 6):
        own = _of(version, barred)
        single = sorted({net.network_address for net in given if net.version == version and net.num_addresses == 1})
        addresses = admission.of_addresses(address for address in single if not _within(address, own))
        if addresses:
            yield Batch(version=version, addresses=addresses, exclude=own)
        wide = _of(version, (net for net in given if net.num_addresses > 1))
        # A host that was also named by itself is asked by itself, ping or no ping.
        left_out = _of(version, own + tuple(map(ipaddress.ip_network, single)))
        networks = [net for net in wide if not any(_inside(net, each) for each in left_out)]
        permitted, outside = admission.of_networks(networks)
        if permitted:
            yield Batch(version=version, networks=permitted, exclude=_of(version, (*left_out, *outside)))


def _barred(hosts: Iterable[Host], resolve: Resolve) -> Iterator[Network]:
    for host in hosts:
        if host.network is not None:
            yield host.network
            continue
        try:
            yield from map(ipaddress.ip_network, resolve(host.text))
        except ScanError as error:
            raise ScanError(
                f"`exclude` names {host.text}, which {error.message}: it cannot be kept out of the scan",
                advice="name what is excluded by its addresses",
            ) from None


def _resolved(wanted: Iterable[str], resolve: Resolve) -> tuple[list[tuple[str, tuple[Address, ...]]], list[Gap]]:
    found: list[tuple[str, tuple[Address, ...]]] = []
    gaps: list[Gap] = []
    for name in wanted:
        try:
            found.append((name, resolve(name)))
        except ScanError as error:
            gaps.append(Gap(what=name, reason=error.message))
    return found, gaps


def _of(version: int, networks: Iterable[Network]) -> tuple[Network, ...]:
    return tuple(_collapsed(net for net in networks if net.version == version))


def _collapsed(networks: Iterable[Network]) -> Iterator[Network]:
    # All are of one version; see _inside.
    return ipaddress.collapse_addresses(networks)  # type: ignore[type-var]


def _inside(network: Network, other: Network) -> bool:
    # Both are of one version, which the types of ipaddress cannot say.
    return network.subnet_of(other)  # type: ignore[arg-type]


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == net.version and address in net for net in networks)
