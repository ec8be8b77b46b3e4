"""KEV and EPSS in the store: what is said about CVEs, whatever package they are in."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import zstandard

from scangate.advisories import epss, held, kev, mirror, sources
from scangate.advisories.folder import read
from scangate.advisories.schema import FILE, Exploited, Feed, Likelihood, Rejections
from scangate.advisories.sources import Fetched, Source, Task, stamp
from scangate.errors import ScangateError, UsageError

Rows = tuple[Exploited, ...] | tuple[Likelihood, ...]
Reader = Callable[[bytes, Rejections], tuple[Rows, date | None, str]]

READERS: Final[Mapping[str, Reader]] = {"KEV": kev.read, "EPSS": epss.read}
PUBLISHED: Final = {"KEV": kev.URL, "EPSS": epss.URL}
_HTTP: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A feed as it is now in the store. `unchanged`: there was nothing newer."""

    feed: Feed
    unchanged: bool = False


def bring(connection: sqlite3.Connection, name: str, places: Sequence[str | Source], task: Task) -> Brought | None:
    """Replace a feed by what the first of `places` that has it holds: an address, a file, or a source of advisories.

    None when none of them has it. Raises ScangateError, with nothing changed, when it cannot be read.
    """
    before = held.feeds(connection).get(name)
    for place in places:
        try:
            found = _read(name, place, before, task)
        except sources.AbsentError as error:
            task.tell(f"{name}: {error.message}")
            continue
        if found is None and before:
            return Brought(feed=_touch(connection, before, task), unchanged=True)
        if found:
            return Brought(feed=_replace(connection, name, found, before, task))
    return None


def _read(name: str, place: str | Source, before: Feed | None, task: Task) -> Fetched | None:
    if not isinstance(place, str):
        return place.feed(name, before, task)
    if place.startswith(_HTTP):
        return mirror.fetched(place, before, task)
    if not Path(place).is_file():
        raise UsageError(f"{place} is no file, and no http or https address", advice=f"name the file of {name}")
    return read(Path(place), place)


def _replace(connection: sqlite3.Connection, name: str, found: Fetched, before: Feed | None, task: Task) -> Feed:
    try:
        rows, released, version = READERS[name](found.raw, task.rejections)
    except ScangateError as error:
        raise ScangateError(f"{found.source} is not {name}: {error.message}", advice=error.advice) from None
    if not rows or (before and len(rows) < before.records / 2):
        last = f"; the last sync brought {before.records}" if before else ""
        raise ScangateError(
            f"{found.source} holds {len(rows)} usable lines of {name}{last}",
            advice=f"the source is probably incomplete; if it is right, delete {FILE} and sync again",
        )
    brought = Feed(
        name=name,
        source=found.source,
        as_of=_as_of(name, found, released, task.now.date()),
        synced_at=stamp(task.now),
        version=version,
        records=len(rows),
        rejected=task.rejections.count,
        url=found.url,
        etag=found.etag,
        last_modified=found.last_modified,
    )
    _write(connection, brought, rows, found.raw)
    return brought


def _as_of(name: str, found: Fetched, released: date | None, today: date) -> date:
    """The date the publisher gives; for a list that its publisher was asked for just now, today.

    CISA does not publish for weeks when there is nothing to add: its list is not older for that.
    """
    if name == "KEV" and found.url == PUBLISHED[name]:
        return today
    return min(released or found.day or date.min, today)


def _touch(connection: sqlite3.Connection, before: Feed, task: Task) -> Feed:
    today = task.now.date()
    as_of = today if before.name == "KEV" and before.url == PUBLISHED["KEV"] else before.as_of
    connection.execute(
        "UPDATE feed SET synced_at = ?, as_of = ? WHERE name = ?", (stamp(task.now), as_of.isoformat(), before.name)
    )
    return held.feeds(connection)[before.name]


def _write(connection: sqlite3.Connection, brought: Feed, rows: Rows, raw: bytes) -> None:
    connection.execute("SAVEPOINT feed")
    try:
        connection.execute("DELETE FROM kev" if brought.name == "KEV" else "DELETE FROM epss")
        connection.executemany("INSERT INTO kev VALUES (?, ?, ?, ?)", _exploited(rows))
        connection.executemany("INSERT INTO epss VALUES (?, ?, ?)", _likelihoods(rows))
        values = {column: getattr(brought, column) for column in held.FEED}
        values |= {"as_of": brought.as_of.isoformat(), "data": zstandard.ZstdCompressor().compress(raw)}
        places = ", ".join("?" * len(values))
        connection.execute(
            f"INSERT OR REPLACE INTO feed ({', '.join(values)}) VALUES ({places})",  # noqa: S608 - names of ours
            tuple(values.values()),
        )
    except BaseException:
        connection.execute("ROLLBACK TO feed")
        raise
    finally:
        connection.execute("RELEASE feed")


def _exploited(rows: Rows) -> Iterator[tuple[str, str, str, bool]]:
    for each in rows:
        if isinstance(each, Exploited):
            yield each.cve, each.added.isoformat(), each.due.isoformat() if each.due else "", each.ransomware


def _likelihoods(rows: Rows) -> Iterator[tuple[str, float, float]]:
    return ((each.cve, each.probability, each.percentile) for each in rows if isinstance(each, Likelihood))
