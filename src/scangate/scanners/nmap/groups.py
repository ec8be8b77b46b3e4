"""Hosts with something open, in groups for the runs of nmap that look closely."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from scangate.scanners.network.address import PortRange, Protocol
from scangate.scanners.network.plan import Batch
from scangate.scanners.nmap.seen import Port, Seen

LARGEST: Final = 16
"""Hosts in one run: nmap reports none of them before the slowest is done."""

_Ports = tuple[Port, ...]
_Key = tuple[tuple[str, int, str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host on which discovery found these ports open, or open for all it can say (`open|filtered`)."""

    address: str
    ports: _Ports

    def told(self, ports: Iterable[Port] | None = None) -> str:
        """The ports that are open for sure, as text."""
        sure = [each for each in (self.ports if ports is None else ports) if each.state == "open"]
        more = f" and {len(sure) - 5} more" if len(sure) > 5 else ""  # noqa: PLR2004
        return ", ".join(f"{each.number}/{each.protocol}" for each in sure[:5]) + more or "ports that may be open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The hosts of one run. What is open on one of them is asked on all of them."""

    batch: Batch
    hosts: tuple[Host, ...]

    @property
    def ports(self) -> tuple[PortRange, ...]:
        known = sorted({(each.protocol, each.number) for host in self.hosts for each in host.ports})
        return tuple(PortRange(protocol=Protocol(protocol), first=port, last=port) for protocol, port in known)


class Openings:
    """Makes hosts of what discovery saw. Hosts with the same ports share them: there may be 65,536."""

    def __init__(self) -> None:
        self._known: dict[_Key, _Ports] = {}

    def of(self, seen: Seen) -> Host | None:
        """Give the host, or None when there is nothing to look at closely."""
        ports = tuple(
            replace(each, scripts={})
            for each in seen.ports
            if each.state in ("open", "open|filtered") and each.protocol in set(Protocol)
        )
        if not ports:
            return None
        key = tuple((each.protocol, each.number, each.state, each.reason, each.name) for each in ports)
        return Host(address=seen.address, ports=self._known.setdefault(key, ports))


def groups(batch: Batch, hosts: Iterable[Host], processes: int) -> Iterator[Group]:
    """Split hosts so that all processes have work, and those in a group have nearly the same ports."""
    alike = sorted(hosts, key=lambda host: [(each.protocol, each.number) for each in host.ports])
    size = min(LARGEST, -(-len(alike) // processes)) or 1
    for start in range(0, len(alike), size):
        yield Group(batch=batch, hosts=tuple(alike[start : start + size]))


def merged(host: Host, seen: Seen) -> tuple[Seen, tuple[Port, ...]]:
    """Put what detection saw in the place of what discovery saw; and the open ports that detection did not see open.

    Those stay as discovery saw them: open, and nobody knows what listens.
    """
    later = {(each.protocol, each.number): each for each in seen.ports}
    still = {key for key, each in later.items() if each.state == "open"}
    lost = tuple(each for each in host.ports if each.state == "open" and (each.protocol, each.number) not in still)
    ports = later | {(each.protocol, each.number): each for each in lost}
    return replace(seen, ports=tuple(port for _key, port in sorted(ports.items()))), lost
