"""Where the reports of a scan are while it runs; and, with `resume`, until a scan of the same target was finished.

A scan that was interrupted leaves the reports of its runs as they are: each holds the hosts that were finished. The
next scan of the very same hosts, ports and options takes those over. `home`/nmap/KEY/ has one folder for each scan.
"""

import contextlib
import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Final

from scangate.core.model import Note
from scangate.errors import ScanError
from scangate.scanners.network.plan import Batch
from scangate.scanners.nmap.command import REPORT
from scangate.scanners.nmap.groups import Openings, merged
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.seen import Seen, Started
from scangate.scanners.nmap.settings import Settings

AGE: Final = 24 * 3600.0
"""Seconds after which what an interrupted scan saw is too old to be taken over."""
DISCOVERY: Final = "ports"
_TOLD: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A host that an earlier scan finished: as discovery saw it, and as it is in all, with the heads of the reports."""

    discovered: Seen
    seen: Seen
    begun: Started
    started: Started


@dataclass(slots=True, kw_only=True)
class Place:
    """`folder` is for the runs of this scan. `earlier` are hosts by address, for each batch by its number."""

    folder: Path
    earlier: dict[int, dict[str, Earlier]] = field(default_factory=dict)
    complete: bool = False

    def run(self, batch: int, name: str) -> Path:
        """Where a run of a batch has its files."""
        return self.folder / str(batch) / name

    def notes(self) -> Iterator[Note]:
        """Say what is taken over, and from when."""
        for hosts in self.earlier.values():
            if not hosts:
                continue
            begun = min(each.begun.started for each in hosts.values())
            told = ", ".join([*hosts][:_TOLD]) + (f" and {len(hosts) - _TOLD} more" if len(hosts) > _TOLD else "")
            moment = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(begun))
            yield Note(text=f"taken over from a scan that was interrupted, begun {moment}, not asked again: {told}")


@contextlib.contextmanager
def workplace(
    home: Path, target: str, batches: Sequence[Batch], settings: Settings, *, resume: bool
) -> Iterator[Place]:
    """Make room for a scan; set `complete` for nothing to be left of it. Raises ScanError for a home that is full."""
    if not resume:
        with TemporaryDirectory(prefix="scangate-nmap-") as folder:
            yield Place(folder=Path(folder))
        return
    # All that decides what is asked is part of the key: another question is another scan.
    question = repr((target, batches, replace(settings, expected=frozenset())))
    kept = home / "nmap" / hashlib.sha256(question.encode()).hexdigest()[:32]
    with _alone(kept):
        place = Place(earlier=_earlier(kept, len(batches)), folder=Path(mkdtemp(dir=kept)))
        yield place
        if place.complete:
            shutil.rmtree(kept, ignore_errors=True)


@contextlib.contextmanager
def _alone(kept: Path) -> Iterator[None]:
    try:
        kept.mkdir(parents=True, exist_ok=True)
        lock = kept.with_suffix(".lock").open("w")
    except OSError as error:
        raise ScanError(
            f"what `resume` needs cannot be kept in {kept}: {error.strerror}", advice="look at SCANGATE_HOME"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ScanError(
                "another scan of this target is running, and `resume` is on", advice="wait for it to end"
            ) from None
        yield


def _earlier(kept: Path, batches: int) -> dict[int, dict[str, Earlier]]:
    scans = sorted(kept.iterdir())
    return {
        number: {address: each for scan in scans for address, each in _finished(scan / str(number)).items()}
        for number in range(batches)
    }


def _finished(folder: Path) -> dict[str, Earlier]:
    """The hosts that were looked at to the end, as the reports of one batch say."""
    detected = {
        seen.address: (seen, started)
        for report in sorted(folder.glob(f"*/{REPORT}"))
        if report.parent.name != DISCOVERY
        for seen, started in _hosts(report)
    }
    openings, found = Openings(), dict[str, Earlier]()
    for seen, started in _hosts(folder / DISCOVERY / REPORT):
        host = openings.of(seen)
        if host is None:
            found[seen.address] = Earlier(discovered=seen, seen=seen, begun=started, started=started)
        elif host.address in detected:
            closer, later = detected[host.address]
            whole, lost = merged(host, closer)
            if not lost:
                found[seen.address] = Earlier(discovered=seen, seen=whole, begun=started, started=later)
    return found


def _hosts(report: Path) -> Iterator[tuple[Seen, Started]]:
    """The hosts of a report that answered, if it is not too old. What cannot be read is not taken over."""
    started = Started()
    if not report.is_file():
        return
    with report.open("rb") as stream, contextlib.suppress(ScanError):
        for event in parse(stream):
            if isinstance(event, Started):
                started = event
                if not 0 <= time.time() - event.started <= AGE:
                    return
            elif (
                isinstance(event, Seen) and not event.timed_out and (event.answered or report.parent.name != DISCOVERY)
            ):
                yield event, started
