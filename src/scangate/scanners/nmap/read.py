"""From the reports of nmap to hosts, services and findings. A report that is missing or cut off gives what it holds."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scangate.core.model import Finding, Service, Tool
from scangate.errors import ScanError
from scangate.process import Completed
from scangate.scanners import Context
from scangate.scanners.network.address import Expected
from scangate.scanners.nmap.coverage import Account
from scangate.scanners.nmap.exits import problem
from scangate.scanners.nmap.groups import Group, Host, Openings, merged
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.rules import findings
from scangate.scanners.nmap.rules.listener import Listener
from scangate.scanners.nmap.seen import Ended, Port, Seen, Started
from scangate.scanners.nmap.service import service

GRACE: Final = 0.5
"""Seconds for reading what is there once the time is up."""
_LATE: Final = "it did not finish within the time allowed for one host"


class Grace:
    """Lets what is there be read once the time is up, or the user interrupts, but not for long."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._until = 0.0

    def check(self) -> None:
        """Raise what the context raises, GRACE seconds later."""
        try:
            self._ctx.check()
        except ScanError:
            self._until = self._until or time.monotonic() + GRACE
            if time.monotonic() > self._until:
                raise


class Reader:
    """Reads the reports of one target. What went wrong is in the accounts: no ScanError is raised."""

    def __init__(self, ctx: Context, target: str, expected: frozenset[Expected]) -> None:
        self._grace = Grace(ctx)
        self._target = target
        self._expected = expected

    def discovered(self, report: Path, outcome: Completed | ScanError, account: Account) -> Iterator[Tool | Host]:
        """Count the hosts of a discovery, and yield those to look at closely."""
        openings = Openings()
        ended = Ended(complete=False)
        try:
            for event in self._events(report):
                if isinstance(event, Started):
                    account.begin(event, self._expected)
                    yield Tool(name="nmap", version=event.version)
                elif isinstance(event, Ended):
                    ended = event
                elif account.holds(event.address):
                    account.count(event)
                    if not event.timed_out and (host := openings.of(event)):
                        yield host
            account.error = problem(outcome, ended)
        except ScanError as error:
            account.error = error

    def detected(
        self, report: Path, outcome: Completed | ScanError, account: Account, group: Group
    ) -> Iterator[Service | Finding]:
        """Yield what listens on the hosts of a group, and what is wrong with it.

        A port that discovery saw open is one, whatever became of its host since; that host is then a gap.
        """
        waiting = {host.address: host for host in group.hosts}
        late: set[str] = set()
        started, ended = Started(), Ended(complete=False)
        error: ScanError | None = None
        try:
            for event in self._events(report):
                if isinstance(event, Started):
                    started = event
                elif isinstance(event, Ended):
                    ended = event
                elif event.timed_out:
                    late.add(event.address)
                elif event.address in waiting:
                    whole, lost = merged(waiting.pop(event.address), event)
                    if lost:
                        account.unfinished[event.address] = _unknown(lost, "no longer answered when asked what listens")
                    account.open(whole)
                    yield from self.of_host(whole, account.batch.name, started)
            error = problem(outcome, ended)
        except ScanError as raised:
            error = raised
        if error:
            account.errors.append(error)
        for address, host in waiting.items():
            silent = "its host no longer answered when asked what listens"
            why = _LATE if address in late else f"that was not asked: {error.message}" if error else silent
            account.unfinished[address] = _unknown(host.ports, why)
            yield from self.of_host(_half(host), account.batch.name, Started(started=started.started))

    def of_host(self, seen: Seen, name: str, started: Started) -> Iterator[Service | Finding]:
        """Yield each open port of a host as a service, and the rules it breaks. `name`: the user's word for it."""
        now = _moment(started.started)
        for port in seen.ports:
            if port.state != "open":
                continue
            yield service(seen, port, name)
            listener = Listener(
                host=name or seen.address,
                address=seen.address,
                port=port,
                named=bool(name),
                now=now,
                scripted=started.scripted,
                expected=self._expected,
            )
            yield from findings(listener, self._target)

    def _events(self, report: Path) -> Iterator[Started | Seen | Ended]:
        if report.exists():
            with report.open("rb") as stream:
                for event in parse(stream):
                    self._grace.check()
                    yield event


def _unknown(ports: tuple[Port, ...], why: str) -> str:
    return f"{Host(address='', ports=ports).told()} open, and what listens there is not known: {why}"


def _half(host: Host) -> Seen:
    """A host of which only its open ports are known."""
    return Seen(address=host.address, addresses=(), state="up", ports=host.ports)


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
