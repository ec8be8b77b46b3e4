"""The runs of nmap that one target needs."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scangate import process
from scangate.core.address_kinds import Network
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.address import PortRange, parse_ports
from scangate.scanners.network.plan import Batch
from scangate.scanners.nmap.command import detection, discovery, prepare
from scangate.scanners.nmap.groups import Group
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.seen import Started
from scangate.scanners.nmap.settings import MOST_PROCESSES, Settings

SHARE: Final = 0.75
"""Of the time that a target has, what discovery may take: the rest is for what it found."""
_PATIENCE: Final = 30.0
_STEP: Final = 0.2
_TOLD: Final = 5
_slots = threading.BoundedSemaphore(MOST_PROCESSES)
"""So many run at once in this process, however many targets are scanned."""

Outcome = process.Completed | ScanError


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """`until` is when the scan has to end, `discovered` when discovery has to, both on the monotonic clock."""

    program: str
    settings: Settings
    ctx: Context
    until: float
    discovered: float

    def discover(self, batch: Batch, folder: Path) -> Outcome:
        """Find the open ports of a batch."""
        hosts = (*batch.addresses, *batch.networks)
        self.ctx.tell(f"asking {batch.name or _listed(hosts)}")
        return self._run(
            hosts,
            batch.exclude,
            folder,
            self.discovered,
            lambda seconds: discovery(self.program, batch, self.settings, folder, seconds),
        )

    def detect(self, group: Group, folder: Path) -> Outcome:
        """Look at what is open on a group."""
        hosts = [host.address for host in group.hosts]
        self.ctx.tell(f"looking at {_listed(hosts)}")
        return self._run(
            hosts,
            group.batch.exclude,
            folder,
            self.until,
            lambda seconds: detection(self.program, group, self.settings, folder, seconds),
        )

    def _run(
        self,
        hosts: Iterable[object],
        exclude: Iterable[Network],
        folder: Path,
        until: float,
        argv: Callable[[float], tuple[str, ...]],
    ) -> Outcome:
        try:
            folder.mkdir(parents=True)
            prepare(hosts, exclude, folder)
            with self._slot():
                # In a folder of ours, so that no file of the repository can be taken for one of nmap's.
                return process.run(argv(until - time.monotonic()), deadline=until, cwd=folder, max_output=2**20)
        except ScanError as error:
            return error
        except OSError as error:
            return ScanError(
                f"the files for nmap cannot be written: {error}", advice="look at the space left in TMPDIR"
            )

    @contextmanager
    def _slot(self) -> Iterator[None]:
        self.ctx.check()
        while not _slots.acquire(timeout=_STEP):
            self.ctx.check()
        try:
            yield
        finally:
            _slots.release()


def most_common(program: str, count: int, ctx: Context) -> tuple[PortRange, ...]:
    """Ask nmap which TCP ports are the most common ones: it takes no list of UDP ports beside `--top-ports`."""
    deadline = min(ctx.deadline, time.monotonic() + _PATIENCE)
    argv = (program, "-n", "-sT", "--top-ports", str(count), "-iL", "/dev/null", "-oX", "-")
    for event in parse(process.run(argv, deadline=deadline, max_output=2**20).stdout):
        if isinstance(event, Started):
            for protocol, services in event.asked:
                if protocol == "tcp" and services:
                    return parse_ports(services)
    raise ScanError("nmap did not say which ports are the most common ones", advice="name `ports` for this target")


def _listed(hosts: Iterable[object]) -> str:
    told = [str(host) for host in hosts]
    return ", ".join(told[:_TOLD]) + (f" and {len(told) - _TOLD} more" if len(told) > _TOLD else "")
