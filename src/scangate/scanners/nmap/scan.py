"""One target, from its hosts to what is known about them."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scangate import process
from scangate.core.model import Gap, Item, Target, Tool
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.nmap.address import Address
from scangate.scanners.nmap.command import REPORT, command, prepare
from scangate.scanners.nmap.coverage import Account, conclude, unopened
from scangate.scanners.nmap.exits import NotReachedError
from scangate.scanners.nmap.names import resolve
from scangate.scanners.nmap.plan import Batch, plan
from scangate.scanners.nmap.privileges import raw_sockets
from scangate.scanners.nmap.read import Grace, read
from scangate.scanners.nmap.rules import closed
from scangate.scanners.nmap.settings import Settings, limits, read_settings, without_udp

AT_ONCE: Final = 4
"""Runs of nmap side by side: they wait far more than they work."""
NAMES: Final = 60.0
"""Seconds for resolving all names of a target."""
_TOLD: Final = 5
_VERSIONS: Final = {"all": frozenset({4, 6}), "ipv4": frozenset({4}), "ipv6": frozenset({6})}


def scan(program: str, target: Target, ctx: Context) -> Iterator[Item]:
    """Run nmap on all hosts of a target. What is known is yielded before any ScanError is raised."""
    settings = read_settings(target, ctx.options, raw=raw_sockets())
    no_udp = without_udp(settings)
    if no_udp and not settings.asked:
        raise no_udp
    names_until = min(ctx.deadline, time.monotonic() + NAMES)

    def look_up(name: str) -> tuple[Address, ...]:
        ctx.check()
        return resolve(name, names_until)

    planned = plan(target, look_up, _VERSIONS[ctx.options.get("resolve", "all")])
    yield from planned.notes
    yield from limits(settings)
    accounts = tuple(Account(batch=batch) for batch in planned.batches)
    yield from _all(program, target.id, ctx, settings, accounts)
    has_gap = False
    for item in conclude(planned, accounts):
        has_gap |= isinstance(item, Gap)
        yield item
    if error := _worst(accounts) or no_udp:
        raise error
    if not has_gap:
        answered = len(set().union(*(account.answered for account in accounts)))
        yield from (closed(port, target.id, answered) for port in unopened(accounts))


def _all(program: str, target: str, ctx: Context, settings: Settings, accounts: Iterable[Account]) -> Iterator[Item]:
    """Run every batch, several at once, and read the reports in the order of the batches."""
    grace = Grace(ctx)
    told: set[Tool] = set()
    executor = ThreadPoolExecutor(AT_ONCE)
    with TemporaryDirectory(prefix="scangate-nmap-") as folder:
        try:
            places = [(account, Path(folder, str(number))) for number, account in enumerate(accounts)]
            runs = [executor.submit(_run, program, account.batch, settings, place, ctx) for account, place in places]
            for (account, place), run in zip(places, runs, strict=True):
                for item in read(place / REPORT, run.result(), account, target, settings.expected, grace):
                    if not isinstance(item, Tool) or item not in told:
                        yield item
                    if isinstance(item, Tool):
                        told.add(item)
        finally:
            executor.shutdown(cancel_futures=True)


def _run(program: str, batch: Batch, settings: Settings, folder: Path, ctx: Context) -> process.Completed | ScanError:
    hosts = batch.name or ", ".join(map(str, (*batch.networks, *batch.addresses)[:_TOLD]))
    ctx.tell(f"asking {hosts}")
    try:
        folder.mkdir()
        prepare(batch, folder)
        argv = command(program, batch, settings, folder, ctx.remaining)
        # In a folder of ours, so that no file of the repository can be taken for one of nmap's.
        return process.run(argv, deadline=ctx.deadline, cwd=folder, max_output=2**20)
    except ScanError as error:
        return error
    except OSError as error:
        return ScanError(f"the files for nmap cannot be written: {error}", advice="look at the space left in TMPDIR")


def _worst(accounts: Iterable[Account]) -> ScanError | None:
    """The one error to raise: an interruption before a deadline before anything else.

    Hosts that one run could not reach (IPv6 addresses, from a machine without) are gaps while another run got through.
    """
    accounts = tuple(accounts)
    got_through = any(account.error is None for account in accounts)
    errors = [
        account.error
        for account in accounts
        if account.error and not (got_through and isinstance(account.error, NotReachedError))
    ]
    kinds = (CancelledError, DeadlineError, ScanError)
    return next((error for kind in kinds for error in errors if isinstance(error, kind)), None)
