"""One export, or KEV or EPSS, from a source into the store that is being written."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from scangate.advisories import feeds, names
from scangate.advisories.blocks import wasted
from scangate.advisories.held import exports
from scangate.advisories.osv import parse
from scangate.advisories.schema import Rejections
from scangate.advisories.sources import Opened, Source, Task, stamp
from scangate.advisories.writing import Record, known, patch, touch, write
from scangate.errors import CancelledError, DeadlineError, ScangateError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What became of one export, or of KEV or EPSS: `failure` says why it could not be brought, and is empty otherwise.

    `unchanged`: the source had nothing newer. `changed`: so many records were fetched, where not all were. `rejected`
    counts records, or parts of them, that could not be used; `rejections` holds the first of them as `file: reason`.
    """

    export: str
    records: int = 0
    as_of: date | None = None
    unchanged: bool = False
    changed: int | None = None
    rejected: int = 0
    rejections: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Bringer:
    """`home` keeps what is unfinished, `now` is the moment of the sync."""

    connection: sqlite3.Connection
    home: Path
    now: datetime
    tell: Callable[[str], None]
    check: Callable[[], None]

    def export(self, origin: Source, name: str) -> Synced | None:
        """Bring one ecosystem. What goes wrong is in the row."""
        held = exports(self.connection).get(name)

        def bring(task: Task) -> Synced:
            with origin.opened(name, held, task) as opened:
                if opened is None and held:
                    count = touch(self.connection, held, stamp(self.now))
                    return Synced(export=name, records=count, as_of=held.as_of, unchanged=True)
                if opened is None:
                    raise ScangateError(f"{name}: the source says that it is unchanged, but it is not here")
                records = usable(name, opened, task)
                if opened.gone is None:
                    count = write(self.connection, opened.export, records, task.rejections)
                else:
                    count = patch(self.connection, opened.export, opened.gone, records, task.rejections)
            changed = None if opened.gone is None else len(opened.gone)
            return Synced(export=name, records=count, as_of=opened.export.as_of, changed=changed)

        return self._attempt(name, bring)

    def feed(self, name: str, places: Sequence[str | Source]) -> Synced | None:
        """Bring KEV or EPSS from the first place that has it; None when none has."""

        def bring(task: Task) -> Synced | None:
            brought = feeds.bring(self.connection, name, places, task)
            if not brought:
                return None
            now = brought.feed
            return Synced(export=name, records=now.records, as_of=now.as_of, unchanged=brought.unchanged)

        return self._attempt(name, bring)

    def _attempt(self, name: str, bring: Callable[[Task], Synced | None]) -> Synced | None:
        self.tell(f"{name}: reading")
        rejections = Rejections()
        task = Task(
            now=self.now,
            rejections=rejections,
            check=self.check,
            home=self.home,
            tell=self.tell,
            known=lambda: known(self.connection, name),
            whole=wasted(self.connection, name),
        )
        try:
            done = bring(task)
        except (CancelledError, DeadlineError, UsageError):
            raise
        except ScangateError as error:
            self.tell(f"{name}: {error.message}")
            done_not = Synced(export=name, failure=error.message)
            return replace(done_not, rejected=rejections.count, rejections=tuple(rejections.shown))
        if done is None:
            return done
        self.tell(f"{name}: {done.records} records as of {done.as_of}, {rejections.count} rejected")
        return replace(done, rejected=rejections.count, rejections=tuple(rejections.shown))


def usable(export: str, opened: Opened, task: Task) -> Iterator[Record]:
    """Parse, and reject what is malformed or has nothing to say about this export."""
    for file, raw in opened.records:
        name = file.rpartition("/")[2].removesuffix(".json")[:160]
        before = task.rejections.count
        try:
            advisory = parse(raw)
        except ValueError as error:
            task.rejections.add(file, str(error))
            yield Record(name=name, advisory=None, raw=raw, rejected=1)
            continue
        covers = any(names.covers(export, each.ecosystem) for each in advisory.affected)
        if opened.others and not covers:
            yield Record(name=advisory.id, advisory=advisory, raw=b"")
            continue
        for reason in advisory.unusable:
            task.rejections.add(file, reason)
        if not (covers or advisory.withdrawn or advisory.unusable):
            task.rejections.add(file, f"names no versions of a package of {export}")
        rejected = task.rejections.count - before
        yield Record(name=advisory.id, advisory=advisory, raw=raw, rejected=rejected)
