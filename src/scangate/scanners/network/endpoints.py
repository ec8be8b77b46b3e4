"""What there is to probe on a target: what nmap saw open, or the ports that its owner names where nmap did not look."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.address_kinds import Address, Network
from scangate.core.model import Gap, Note, Service, Target
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.address import parse_ports
from scangate.scanners.network.plan import Batch, Plan, plan_for
from scangate.scanners.network.rule import where

MOST: Final = 20_000
"""Endpoints of one target; more than that is work for nmap, which can tell the open ones first."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Endpoint:
    """One port of one host. `host` is the user's word for it; `address` is pinned, and all that is ever connected to.

    `name` is nmap's word for the service, which may be wrong; `tunnel` is `ssl` when nmap heard TLS. `assumed`: nobody
    saw the port open, the target names it. `target` is the target's id.
    """

    host: str
    address: str
    port: int
    protocol: str = "tcp"
    name: str = ""
    product: str = ""
    version: str = ""
    tunnel: str = ""
    target: str = ""
    assumed: bool = False

    @property
    def place(self) -> str:
        """The port and protocol: 443/tcp."""
        return f"{self.port}/{self.protocol}"

    @property
    def where(self) -> str:
        """The subject of a finding: edge.example.com:443/tcp, [2001:db8::1]:443/tcp."""
        return where(self.host, self.port, self.protocol)

    @property
    def named(self) -> bool:
        """Whether the user knows the host by a name: what TLS (SNI) and HTTP (Host) are told."""
        return self.host != self.address


def endpoints(target: Target, ctx: Context) -> tuple[Endpoint, ...]:
    """Every endpoint of a target that may be probed, in order: what nmap saw open, else the target's own `ports`.

    Whatever the services say, an address outside the plan (and so outside the scope) is not among them; see `left_out`.
    Raises ScanError as `plan_for` does, and for more than MOST ports of hosts that nmap did not look at.
    """
    return _look(target, ctx)[0]


def left_out(target: Target, ctx: Context) -> tuple[Gap | Note, ...]:
    """What of the target could become no endpoint, and why. A scanner yields these before anything else."""
    return _look(target, ctx)[1]


def _look(target: Target, ctx: Context) -> tuple[tuple[Endpoint, ...], tuple[Gap | Note, ...]]:
    planned = plan_for(target, ctx)
    if ctx.services:
        found, strays = _seen(target, ctx.services, planned)
        return found, tuple(Gap(what=each, reason="its address is not one of this target's") for each in strays)
    return _assumed(target, planned), (*planned.gaps, *planned.notes)


def _seen(target: Target, services: Iterable[Service], planned: Plan) -> tuple[tuple[Endpoint, ...], list[str]]:
    """Endpoints of the services that are open, and the places of those whose address is none of the plan's."""
    reach = _Reach(planned)
    found: dict[tuple[str, str, int, str], tuple[tuple[bool, ...], Endpoint]] = {}
    strays: set[str] = set()
    for service in services:
        if service.state != "open":
            continue
        address = _address(service.address or service.host)
        if address is None or not reach.holds(address):
            strays.add(where(service.host, service.port, service.protocol))
            continue
        words = (word for word in (service.host, service.hostname) if address in reach.names.get(word, ()))
        endpoint = Endpoint(
            host=next(words, str(address)),
            address=str(address),
            port=service.port,
            protocol=service.protocol,
            name=service.name,
            product=service.product,
            version=service.version,
            tunnel=service.tunnel,
            target=target.id,
            # What only a sensor saw may be gone by now.
            assumed=service.method == PASSIVE,
        )
        # Several may have seen one port: who asked knows it better than who listened, and who knows the version best.
        place = (endpoint.host, endpoint.address, endpoint.port, endpoint.protocol)
        known = (not endpoint.assumed, bool(endpoint.version), bool(endpoint.product), bool(endpoint.tunnel))
        found[place] = max(found.get(place, (known, endpoint)), (known, endpoint), key=lambda each: each[0])
    return tuple(sorted((endpoint for _known, endpoint in found.values()), key=_order)), sorted(strays)


def _assumed(target: Target, planned: Plan) -> tuple[Endpoint, ...]:
    """Every port that the target names, on every address of it."""
    try:
        ranges = parse_ports(target.ports)
    except ValueError as error:
        raise ScanError(str(error), advice="correct `ports` of this target in scangate.yml") from None
    ports = [(number, str(each.protocol)) for each in ranges for number in range(each.first, each.last + 1)]
    hosts = [(batch.word(str(address)), str(address)) for batch in planned.batches for address in _addresses(batch)]
    if len(hosts) * len(ports) > MOST:
        raise ScanError(
            f"{len(hosts):,} hosts with {len(ports):,} ports each are too many to try one by one",
            advice="let nmap look first (it is switched off, or found nothing), or name fewer `ports`",
        )
    every = (
        Endpoint(host=host, address=address, port=port, protocol=protocol, target=target.id, assumed=True)
        for host, address in hosts
        for port, protocol in ports
    )
    return tuple(sorted(set(every), key=_order))


PASSIVE: Final = "passive"
"""The `method` of services that were seen without a packet sent."""


class _Reach:
    """The addresses of a plan, for asking often."""

    def __init__(self, planned: Plan) -> None:
        self._single = {address for batch in planned.batches for address in batch.addresses}
        self._wide = [batch for batch in planned.batches if batch.networks]
        self.names: dict[str, set[Address]] = {}
        for batch in planned.batches:
            if batch.name:
                self.names.setdefault(batch.name, set()).update(batch.addresses)

    def holds(self, address: Address) -> bool:
        return address in self._single or any(
            _in(address, batch.networks) and not _in(address, batch.exclude) for batch in self._wide
        )


def _addresses(batch: Batch) -> Iterator[Address]:
    yield from batch.addresses
    for network in batch.networks:
        # Not `hosts()`: a cloud uses the first and the last address too, and nmap asks them.
        yield from (address for address in network if not _in(address, batch.exclude))


def _in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _order(endpoint: Endpoint) -> tuple[object, ...]:
    address = ipaddress.ip_address(endpoint.address)
    return address.version, int(address), endpoint.host, endpoint.protocol, endpoint.port, endpoint.name
