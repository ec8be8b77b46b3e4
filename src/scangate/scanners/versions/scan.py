"""One target: what its services say they are, against the advisories."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from scangate import __version__
from scangate.core.model import Asked, Data, Gap, Item, Note, Package, Service, Target, Tool
from scangate.scanners import Context
from scangate.scanners.network.endpoints import Endpoint, endpoints, left_out
from scangate.scanners.versions.distribution import packaged
from scangate.scanners.versions.finding import Claim, finding
from scangate.scanners.versions.products import recognised

if TYPE_CHECKING:
    from scangate.advisories import Store

_NAMED: Final = 8


@dataclass(slots=True, kw_only=True)
class _Claims:
    """What the services of a target say, and what can be made of it."""

    known: list[Claim] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    silent: int = 0

    @property
    def asked(self) -> int:
        """How many endpoints say something that advisories know."""
        return len({claim.endpoint.where for claim in self.known})


def scan(target: Target, ctx: Context) -> Iterator[Item]:
    """Yield what is known of them. Without advisories, what there is to compare is asked for and nothing found."""
    yield Tool(name="scangate", version=__version__)
    gaps = 0
    for item in left_out(target, ctx):
        gaps += isinstance(item, Gap)
        yield item
    listening = endpoints(target, ctx)
    claims = _read(listening, ctx.services)
    yield from _notes(claims, len(listening))
    yield Asked(unit="services", count=(claims.asked or len(listening)) + gaps)
    if claims.known:
        yield from _judge(claims.known, ctx)


def _read(listening: Iterable[Endpoint], services: Iterable[Service]) -> _Claims:
    heard: dict[tuple[str, int, str], list[Service]] = defaultdict(list)
    for service in services:
        heard[service.address or service.host, service.port, service.protocol].append(service)
    claims = _Claims()
    for endpoint in listening:
        here = heard[endpoint.address, endpoint.port, endpoint.protocol]
        said = [each for each in here if (each.product, each.version) == (endpoint.product, endpoint.version)]
        extra = next((each.extra for each in said if each.extra), "")
        cpes = tuple(dict.fromkeys(cpe for each in said for cpe in each.cpes if cpe.startswith("cpe:/a")))
        if found := _packages(endpoint, extra, cpes):
            claims.known += [Claim(endpoint=endpoint, package=each, extra=extra, cpes=cpes) for each in found]
        elif endpoint.product and endpoint.version:
            claims.unknown[f"{endpoint.product} {endpoint.version}"] += 1
        else:
            claims.silent += 1
    return claims


def _packages(endpoint: Endpoint, extra: str, cpes: tuple[str, ...]) -> tuple[Package, ...]:
    if package := packaged(endpoint.product, endpoint.version):
        return (package,)
    return tuple(recognised(endpoint.product, endpoint.version, extra, cpes))


def _notes(claims: _Claims, count: int) -> Iterator[Note]:
    if claims.unknown:
        names = sorted(claims.unknown)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        which = f"{', '.join(names[:_NAMED])}{more}"
        total = claims.unknown.total()
        services = "service says" if total == 1 else "services say"
        yield Note(text=f"{total} {services} what no advisories are held against: {which}")
    if claims.silent:
        yield Note(text=f"{claims.silent} of {count} services do not say which product and version they are")


def _judge(claims: list[Claim], ctx: Context) -> Iterator[Item]:
    from scangate.advisories import Store, StoreMissingError, Vulnerability, match

    ecosystems = sorted({claim.package.ecosystem for claim in claims})
    try:
        store = Store.open(ctx.home)
    except StoreMissingError:
        yield from (Data(name=f"OSV {each}", as_of=None) for each in ecosystems)
        return
    saying: dict[Package, list[Claim]] = defaultdict(list)
    for claim in claims:
        saying[claim.package].append(claim)
    with store:
        yield from _data(ecosystems, store)
        ctx.tell(f"matching {len(saying)} products with advisories")
        for each in match(saying, store, ctx.check):
            if not isinstance(each, Vulnerability):
                reason = f"it cannot be compared with advisories: {each.reason}"
                yield from (Gap(what=claim.endpoint.where, reason=reason) for claim in saying[each.package])
                continue
            for package in each.packages:
                # The evidence is of this version alone, whatever others say that they are affected too.
                hits = tuple(hit for hit in each.hits if hit.version == package.version)
                yield from (finding(replace(each, hits=hits), claim) for claim in saying[package])


def _data(ecosystems: Iterable[str], store: "Store") -> Iterator[Data]:
    held = {each.ecosystem: each for each in store.holdings()}
    for ecosystem in ecosystems:
        if holding := held.get(ecosystem):
            yield Data(name=f"OSV {ecosystem}", as_of=holding.as_of, version=holding.newest, records=holding.records)
        else:
            yield Data(name=f"OSV {ecosystem}", as_of=None)
