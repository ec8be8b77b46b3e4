"""Bring advisories from a source into the store, all of an ecosystem at a time."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from scangate.advisories import names
from scangate.advisories.draft import replacing
from scangate.advisories.osv import Advisory, parse
from scangate.advisories.schema import FILE, SYNC, Export, Holding, Rejections
from scangate.advisories.sources import Records, Source, Task, source, stamp
from scangate.advisories.store import Store, StoreMissingError
from scangate.advisories.versions import SCHEMES, scheme
from scangate.advisories.writing import exports, touch, write
from scangate.errors import CancelledError, DeadlineError, ScangateError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What became of one export: `failure` says why it could not be brought, and is empty otherwise.

    `unchanged`: the mirror had nothing newer. `rejected` counts records, or parts of them, that could not be used;
    `rejections` holds the first of them as `file: reason`.
    """

    export: str
    records: int = 0
    as_of: date | None = None
    unchanged: bool = False
    rejected: int = 0
    rejections: tuple[str, ...] = ()
    failure: str = ""


def sync(
    place: str,
    home: Path,
    ecosystems: Sequence[str] | None = None,
    tell: Callable[[str], None] = lambda _text: None,
    *,
    now: datetime | None = None,
    check: Callable[[], None] = lambda: None,
) -> tuple[Synced, ...]:
    """Replace what the store holds of each ecosystem by what the source has of it now.

    `place`: a folder, or the address of a mirror, in the layout of OSV's bulk export. `ecosystems`: None means all that
    are there and whose versions we can order. An export that fails leaves its old records in place and says so in its
    row; when every one fails, or anything interrupts, the store stays as it was.
    Raises UsageError (nothing of that name), ScangateError (nothing could be brought).
    """
    origin = source(place)
    wanted = _wanted(origin, ecosystems, tell, check)
    moment = now or datetime.now(UTC)
    with _writable(home), replacing(home) as connection:
        done = tuple(_bring(connection, origin, name, moment, tell=tell, check=check) for name in wanted)
        if all(each.failure for each in done):
            raise ScangateError(
                "; ".join(each.failure for each in done), advice="the advisories of the last sync are still there"
            )
    return done


def status(home: Path) -> tuple[Holding, ...]:
    """Say what the store holds, by ecosystem; nothing when nothing was ever synced. Raises ScanError when damaged."""
    try:
        with Store.open(home) as store:
            return store.holdings()
    except StoreMissingError:
        return ()


def _wanted(
    origin: Source, asked: Sequence[str] | None, tell: Callable[[str], None], check: Callable[[], None]
) -> tuple[str, ...]:
    if asked is not None:
        for name in asked:
            if not names.ECOSYSTEM.fullmatch(name) or not scheme(name):
                known = ", ".join(sorted(SCHEMES))
                raise UsageError(f"the versions of `{name}` cannot be compared", advice=f"these can: {known}")
        return tuple(sorted(set(asked)))
    there = origin.names(check)
    usable = [name for name in there if scheme(name)]
    if left_out := [name for name in there if name not in usable]:
        tell(f"left out, because their versions cannot be compared: {', '.join(left_out)}")
    if not usable:
        raise ScangateError("the source has no ecosystem whose versions can be compared", advice=f"usage: {SYNC}")
    # `Debian` brings `Debian:12` with it.
    return tuple(name for name in usable if name == names.family(name) or names.family(name) not in usable)


def _bring(
    connection: sqlite3.Connection,
    origin: Source,
    name: str,
    now: datetime,
    *,
    tell: Callable[[str], None],
    check: Callable[[], None],
) -> Synced:
    tell(f"{name}: reading")
    rejections = Rejections()
    held = exports(connection).get(name)
    try:
        with origin.opened(name, held, Task(now=now, rejections=rejections, check=check)) as opened:
            if opened is None and held:
                export, count = held, touch(connection, held, stamp(now))
            elif opened:
                export, records = opened
                count = write(connection, export, _usable(export, records, rejections), rejections)
    except (CancelledError, DeadlineError):
        raise
    except ScangateError as error:
        tell(f"{name}: {error.message}")
        return Synced(export=name, rejected=rejections.count, rejections=tuple(rejections.shown), failure=error.message)
    tell(f"{name}: {count} records as of {export.as_of}, {rejections.count} rejected")
    return Synced(
        export=export.name,
        records=count,
        as_of=export.as_of,
        unchanged=opened is None,
        rejected=rejections.count,
        rejections=tuple(rejections.shown),
    )


def _usable(export: Export, records: Records, rejections: Rejections) -> Iterator[tuple[Advisory, bytes]]:
    """Parse, and reject what is malformed or has nothing to say about this export."""
    for file, raw in records:
        try:
            advisory = parse(raw)
        except ValueError as error:
            rejections.add(file, str(error))
            continue
        for reason in advisory.unusable:
            rejections.add(file, reason)
        if advisory.withdrawn or any(names.covers(export.name, each.ecosystem) for each in advisory.affected):
            yield advisory, raw
        elif not advisory.unusable:
            rejections.add(file, f"names no versions of a package of {export.name}")


@contextmanager
def _writable(home: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        text = f"the advisories cannot be written to {home}: {error}"
        advice = f"check the space and the permissions there; if {FILE} is damaged, delete it"
        raise ScangateError(text, advice=advice) from error
