"""What of the hosts that were asked for was really looked at."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scangate.core.address_kinds import Network
from scangate.core.model import Asked, Gap, Note
from scangate.errors import ScanError
from scangate.scanners.network.address import Expected, Protocol, parse_ports
from scangate.scanners.network.plan import Batch, Plan
from scangate.scanners.nmap.seen import Seen, Started


@dataclass(slots=True, kw_only=True)
class Account:
    """One batch. Addresses are those of the report; `error` says why discovery did not get to its end.

    `unfinished` are hosts that answered and were not looked at to the end, and why. `errors` are those of detection.
    """

    batch: Batch
    answered: set[str] = field(default_factory=set)
    timed_out: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    unfinished: dict[str, str] = field(default_factory=dict)
    not_closed: set[Expected] = field(default_factory=set)
    asked: set[Expected] = field(default_factory=set)
    ports: int = 0
    ports_silent: int = 0
    error: ScanError | None = None
    errors: list[ScanError] = field(default_factory=list)

    def holds(self, address: str) -> bool:
        """Whether an address is one that was asked for: what nmap says of another is not ours to follow."""
        try:
            host = ipaddress.ip_address(address)
        except ValueError:  # a host known by its MAC address only
            return False
        if any(_holds(each, address) for each in self.batch.exclude):
            return False
        return host in self.batch.addresses or any(_holds(each, address) for each in self.batch.networks)

    def begin(self, started: Started, expected: Iterable[Expected]) -> None:
        """Remember which of the expected ports nmap asked."""
        self.asked = {port for port in expected if _lists(started.asked, port)}

    def count(self, seen: Seen) -> None:
        """Remember what came of one host."""
        fate = self.timed_out if seen.timed_out else self.answered if seen.answered else self.silent
        fate.add(seen.address)
        self.open(seen)
        if fate is self.answered:
            counts = [(port.state, 1) for port in seen.ports] + [(rest.state, rest.count) for rest in seen.rest]
            self.ports += sum(count for _state, count in counts)
            self.ports_silent += sum(count for state, count in counts if "filtered" in state and state != "unfiltered")

    def open(self, seen: Seen) -> None:
        """Remember the ports that are not closed."""
        maybe = (port for port in seen.ports if port.state in ("open", "open|filtered"))
        known = ((port.protocol, port.number) for port in maybe if port.protocol in set(Protocol))
        self.not_closed |= {Expected(protocol=Protocol(protocol), port=number) for protocol, number in known}

    def why(self, address: str) -> str:
        """Why an address was not covered; empty when it was."""
        if address in self.answered:
            return self.unfinished.get(address, "")
        if address in self.timed_out:
            return "did not finish within the time allowed for one host"
        if address in self.silent:
            return "did not answer: nothing came back from any port that was asked"
        return f"was not scanned: {self.error.message}" if self.error else "did not answer"


def conclude(plan: Plan, accounts: Iterable[Account]) -> Iterator[Gap | Note | Asked]:
    """Count the hosts: each address, each name, each host that answered in a network; and a silent network as one."""
    accounts = tuple(accounts)
    literal = [account for account in accounts if not account.batch.name]
    gaps, notes, count = list(plan.gaps), list[Note](), len(plan.gaps)
    for account in literal:
        for address in map(str, account.batch.addresses):
            count += 1
            if reason := account.why(address):
                gaps.append(Gap(what=address, reason=reason))
        if account.batch.networks:
            found = [*_networks(account)]
            gaps += (item for item in found if isinstance(item, Gap))
            notes += (item for item in found if isinstance(item, Note))
            count += sum(isinstance(item, Gap) for item in found)
            finished = account.answered.difference(account.unfinished)
            count += sum(any(_holds(each, address) for each in account.batch.networks) for address in finished)
    for name in dict.fromkeys(account.batch.name for account in accounts if account.batch.name):
        count += 1
        if reason := _name([account for account in accounts if account.batch.name == name]):
            gaps.append(Gap(what=name, reason=reason))
    yield from sorted(gaps)
    yield from _ports(accounts)
    yield from notes
    yield Asked(unit="hosts", count=count)


def unopened(accounts: Iterable[Account]) -> tuple[Expected, ...]:
    """Expected ports that were asked everywhere, and seen open nowhere."""
    accounts = tuple(accounts)
    if not accounts:
        return ()
    asked = set.intersection(*(account.asked for account in accounts))
    return tuple(sorted(asked.difference(*(account.not_closed for account in accounts))))


def _ports(accounts: Iterable[Account]) -> Iterator[Note]:
    accounts = tuple(accounts)
    asked, silent = sum(each.ports for each in accounts), sum(each.ports_silent for each in accounts)
    hosts = sum(len(each.answered) for each in accounts)
    if asked:
        yield Note(text=f"{asked - silent:,} of {asked:,} ports that were asked on {hosts:,} hosts answered")


def _networks(account: Account) -> Iterator[Gap | Note]:
    for network in account.batch.networks:
        inside = {address for address in account.answered if _holds(network, address)}
        size = network.num_addresses - sum(_overlap(network, barred) for barred in account.batch.exclude)
        late = sorted(address for address in account.timed_out if _holds(network, address))
        half = sorted(inside.intersection(account.unfinished))
        yield from (Gap(what=address, reason=account.why(address)) for address in (*late, *half))
        if account.error:
            yield Gap(what=str(network), reason=f"was not scanned to the end: {account.error.message}")
        elif not inside and not late:
            yield Gap(what=str(network), reason=f"none of its {size} addresses answered")
        elif silent := size - len(inside) - len(late):
            yield Note(text=f"{silent} of {size} addresses of {network} did not answer")


def _name(accounts: Iterable[Account]) -> str:
    """Why a name was not covered: every one of its addresses must have been."""
    reasons = {str(address): each.why(str(address)) for each in accounts for address in each.batch.addresses}
    missed = [f"{address} {reason}" for address, reason in reasons.items() if reason]
    if not missed:
        return ""
    return f"{len(missed)} of its {len(reasons)} addresses: {'; '.join(missed[:5])}"


def _holds(network: Network, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:  # a host known by its MAC address only
        return False


def _overlap(network: Network, barred: Network) -> int:
    return min(network.num_addresses, barred.num_addresses) if network.overlaps(barred) else 0


def _lists(asked: Iterable[tuple[str, str]], port: Expected) -> bool:
    for protocol, services in asked:
        try:
            ranges = parse_ports(services)
        except ValueError:
            continue  # nothing to rely on
        if protocol == port.protocol and any(each.first <= port.port <= each.last for each in ranges):
            return True
    return False
