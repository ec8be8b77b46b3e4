"""From the report of one run to services and findings. A report that is missing or cut off gives what it holds."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scangate.core.model import Finding, Service, Tool
from scangate.errors import ScanError
from scangate.process import Completed
from scangate.scanners import Context
from scangate.scanners.nmap.address import Expected
from scangate.scanners.nmap.coverage import Account
from scangate.scanners.nmap.exits import problem
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.rules import findings
from scangate.scanners.nmap.rules.rule import Listener
from scangate.scanners.nmap.seen import Ended, Port, Seen, Started

GRACE: Final = 0.5
"""Seconds for reading what is there once the time is up."""


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


def read(
    report: Path,
    outcome: Completed | ScanError,
    account: Account,
    target: str,
    expected: frozenset[Expected],
    grace: Grace,
) -> Iterator[Tool | Service | Finding]:
    """Yield what a run found. Which hosts answered, and what went wrong, is in the account: no ScanError is raised."""
    started = Started()
    ended = Ended(complete=False)
    try:
        if report.exists():
            with report.open("rb") as stream:
                for event in parse(stream):
                    grace.check()
                    if isinstance(event, Started):
                        started = event
                        account.begin(started, expected)
                        yield Tool(name="nmap", version=started.version)
                    elif isinstance(event, Ended):
                        ended = event
                    else:
                        account.count(event)
                        yield from of_host(event, account.batch.name, started, target, expected)
        account.error = problem(outcome, ended)
    except ScanError as error:
        account.error = error


def of_host(
    seen: Seen, name: str, started: Started, target: str, expected: frozenset[Expected]
) -> Iterator[Service | Finding]:
    """Yield each open port of a host as a service, and the rules it breaks. `name`: the user's word for it."""
    now = _moment(started.started)
    for port in seen.ports:
        if port.state != "open":
            continue
        yield _service(seen, port, name)
        listener = Listener(
            host=name or seen.address,
            address=seen.address,
            port=port,
            named=bool(name),
            now=now,
            scripted=started.scripted,
            expected=expected,
        )
        yield from findings(listener, target)


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _service(seen: Seen, port: Port, name: str) -> Service:
    return Service(
        host=seen.address,
        port=port.number,
        protocol=port.protocol,
        state=port.state,
        hostname=name or next(iter(seen.names), ""),
        name=port.name,
        product=port.product,
        version=port.version,
        extra=port.extra,
        tunnel=port.tunnel,
        cpes=port.cpes,
        method=port.method,
        confidence=port.confidence,
    )
