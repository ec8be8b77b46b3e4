"""One target, from its hosts to what is known about them: what is open, then a close look at that alone."""

import ipaddress
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from scangate.core.address_kinds import Network
from scangate.core.model import Gap, Item, Target, Tool
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.network import guard
from scangate.scanners.network.address import Protocol
from scangate.scanners.network.plan import Batch, plan_for
from scangate.scanners.network.rates import lease
from scangate.scanners.nmap.command import REPORT
from scangate.scanners.nmap.coverage import Account, conclude, unopened
from scangate.scanners.nmap.exits import NotReachedError
from scangate.scanners.nmap.groups import Group, Host, groups
from scangate.scanners.nmap.privileges import raw_sockets
from scangate.scanners.nmap.read import Reader
from scangate.scanners.nmap.rules import closed
from scangate.scanners.nmap.runs import SHARE, Outcome, Runs, most_common
from scangate.scanners.nmap.settings import Settings, limits, read_settings, without_udp
from scangate.scanners.nmap.workplace import DISCOVERY, Place, workplace

_VERSIONS: Final = {"all": frozenset({4, 6}), "ipv4": frozenset({4}), "ipv6": frozenset({6})}


def scan(program: str, target: Target, ctx: Context) -> Iterator[Item]:
    """Run nmap on all hosts of a target. What is known is yielded before any ScanError is raised."""
    settings = read_settings(target, ctx.options, raw=raw_sockets())
    no_udp = without_udp(settings)
    if no_udp and not settings.asked:
        raise no_udp
    planned = plan_for(target, ctx, _VERSIONS[ctx.options.get("resolve", "all")])
    yield from planned.notes
    accounts = tuple(Account(batch=batch) for batch in planned.batches)
    with lease(target.id, ctx) as rate:
        settings = _with_top_ports(program, settings, ctx) if accounts else settings
        if rate is not None:  # one run at a time has all of it
            settings = replace(settings, rate=rate, processes=1)
        yield from limits(settings)
        now, until = time.monotonic(), guard.window_open(ctx)
        runs = Runs(program=program, settings=settings, ctx=ctx, until=until, discovered=now + (until - now) * SHARE)
        resume = ctx.options.get("resume", False)
        with workplace(ctx.home, target.id, planned.batches, settings, resume=resume) as place:
            yield from place.notes()
            yield from _all(runs, Reader(ctx, target.id, settings.expected), accounts, place)
            place.complete = not any(account.error or account.errors for account in accounts)
    has_gap = False
    for item in conclude(planned, accounts):
        has_gap |= isinstance(item, Gap)
        yield item
    if error := _worst(accounts) or no_udp:
        raise error
    if not has_gap:
        answered = len(set().union(*(account.answered for account in accounts)))
        yield from (closed(port, target.id, answered) for port in unopened(accounts))


def _all(runs: Runs, reader: Reader, accounts: Sequence[Account], place: Place) -> Iterator[Item]:
    """Run everything, several at once, and read the reports in the order of the batches."""
    told: set[Tool] = set()
    executor = ThreadPoolExecutor(runs.settings.processes)
    try:
        first = [
            executor.submit(_discover, runs, account.batch, place, number) for number, account in enumerate(accounts)
        ]
        second: list[tuple[Account, Group, int, str, Future[Outcome]]] = []
        for number, (account, run) in enumerate(zip(accounts, first, strict=True)):
            outcome = run.result()
            for earlier in place.earlier.get(number, {}).values():
                account.begin(earlier.begun, runs.settings.expected)
                account.count(earlier.discovered)
                account.open(earlier.seen)
                yield from reader.of_host(earlier.seen, account.batch.name, earlier.started)
            hosts = list[Host]()
            if outcome is not None:
                for item in reader.discovered(place.run(number, DISCOVERY) / REPORT, outcome, account):
                    if isinstance(item, Host):
                        hosts.append(item)
                    elif item not in told:
                        told.add(item)
                        yield item
            for part, group in enumerate(groups(account.batch, hosts, runs.settings.processes)):
                name = f"services-{part}"
                run_of_group = executor.submit(runs.detect, group, place.run(number, name))
                second.append((account, group, number, name, run_of_group))
        for account, group, number, name, found in second:
            yield from reader.detected(place.run(number, name) / REPORT, found.result(), account, group)
    finally:
        executor.shutdown(cancel_futures=True)


def _discover(runs: Runs, batch: Batch, place: Place, number: int) -> Outcome | None:
    """Find the open ports of what is left of a batch; None when nothing is."""
    left = _without(batch, place.earlier.get(number, {}))
    return runs.discover(left, place.run(number, DISCOVERY)) if left else None


def _without(batch: Batch, finished: Iterable[str]) -> Batch | None:
    barred = tuple(map(ipaddress.ip_network, finished))
    left = tuple(each for each in batch.addresses if ipaddress.ip_network(each) not in barred)
    exclude: tuple[Network, ...] = (*batch.exclude, *barred)
    wide = tuple(each for each in batch.networks if sum(_overlap(each, one) for one in exclude) < each.num_addresses)
    return replace(batch, addresses=left, networks=wide, exclude=exclude) if left or wide else None


def _overlap(network: Network, other: Network) -> int:
    return min(network.num_addresses, other.num_addresses) if network.overlaps(other) else 0


def _with_top_ports(program: str, settings: Settings, ctx: Context) -> Settings:
    """Name the most common TCP ports where UDP ports are asked beside them."""
    protocols = {each.protocol for each in settings.ports}
    if not settings.top_ports or protocols != {Protocol.UDP}:
        return settings
    return replace(settings, ports=(*most_common(program, settings.top_ports, ctx), *settings.ports))


def _worst(accounts: Iterable[Account]) -> ScanError | None:
    """The one error to raise: an interruption before a deadline before anything else.

    Hosts that one run could not reach (IPv6 addresses, from a machine without) are gaps while another run got through.
    """
    accounts = tuple(accounts)
    got_through = any(account.error is None for account in accounts)
    errors = [
        error
        for account in accounts
        for error in (account.error, *account.errors)
        if error and not (got_through and isinstance(error, NotReachedError))
    ]
    kinds = (CancelledError, DeadlineError, ScanError)
    return next((error for kind in kinds for error in errors if isinstance(error, kind)), None)
