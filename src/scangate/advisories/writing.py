"""The store as a sync sees it: a copy that replaces the store when everything is written, or is thrown away."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from scangate.advisories import names
from scangate.advisories.osv import Advisory
from scangate.advisories.schema import FILE, TABLES, VERSION, Export
from scangate.advisories.store import specification
from scangate.errors import ScangateError

BLOCK: Final = 2**16
"""Bytes of raw records that are compressed together."""
WORTH_GUARDING: Final = 100
"""Records of an export from which on it may not lose more than half of them in one sync."""


class ShrunkError(ScangateError):
    """The new data holds so much less than the old that it is not believed."""


@contextlib.contextmanager
def replacing(home: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of the store (or an empty one) for writing; it takes the store's place when the block ends well.

    Whatever interrupts this leaves the store as it was. Raises ScangateError when another sync is at work.
    """
    home.mkdir(parents=True, exist_ok=True)
    path, draft = home / FILE, home / f"{FILE}.new"
    with _alone(home):
        try:
            connection = _draft(path, draft)
            try:
                yield connection
                connection.commit()
            finally:
                connection.close()
            _settle(draft)
            draft.replace(path)
            _settle(home)
        finally:
            draft.unlink(missing_ok=True)


def write(
    connection: sqlite3.Connection, export: Export, records: Iterable[tuple[Advisory, bytes]], rejected: list[str]
) -> int:
    """Replace all records of one export, and give their number. `rejected` is filled while `records` is consumed.

    Raises ScangateError, with nothing changed, when no record could be used or far fewer came than there were.
    """
    connection.execute("SAVEPOINT export")
    try:
        before = _remove(connection, export.name)
        total = _insert(connection, export, records)
        if not total:
            raise ScangateError(f"{export.source} holds no usable record for {export.name}")
        if before >= WORTH_GUARDING and total < before / 2:
            raise ShrunkError(
                f"{export.source} holds {total} records for {export.name}; the last sync brought {before}",
                advice=f"the source is probably incomplete; if it is right, delete {FILE} and sync again",
            )
        connection.execute(
            "INSERT OR REPLACE INTO export VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                export.name,
                export.source,
                export.url,
                export.etag,
                export.last_modified,
                export.synced_at,
                export.as_of.isoformat(),
                len(rejected),
            ),
        )
    except BaseException:
        connection.execute("ROLLBACK TO export")
        raise
    finally:
        connection.execute("RELEASE export")
    return total


def _insert(connection: sqlite3.Connection, export: Export, records: Iterable[tuple[Advisory, bytes]]) -> int:
    number = _next(connection, "record")
    block, pending = _next(connection, "block"), bytearray()
    counts: dict[str, int] = {}
    newest: dict[str, str] = {}

    def flush() -> None:
        connection.execute("INSERT INTO block VALUES (?, ?, ?)", (block, export.name, zlib.compress(pending)))

    for advisory, raw in records:
        entries = [
            (position, each) for position, each in enumerate(advisory.affected) if names.covers(export.name, each.ecosystem)
        ]
        if len(pending) > BLOCK:
            flush()
            block, pending = block + 1, bytearray()
        connection.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)",
            (number, export.name, advisory.id, block, len(pending), len(raw)),
        )
        pending += raw
        if not advisory.withdrawn:
            connection.executemany("INSERT INTO alias VALUES (?, ?)", [(name, number) for name in advisory.names])
            connection.executemany(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
                [(each.ecosystem, each.package, number, position, specification(each)) for position, each in entries],
            )
            for ecosystem in {each.ecosystem for _position, each in entries}:
                counts[ecosystem] = counts.get(ecosystem, 0) + 1
                newest[ecosystem] = max(newest.get(ecosystem, ""), advisory.modified)
        number += 1
    if pending:
        flush()
    connection.executemany(
        "INSERT OR REPLACE INTO ecosystem VALUES (?, ?, ?, ?)",
        [(name, export.name, count, newest[name]) for name, count in sorted(counts.items())],
    )
    return sum(counts.values())


def _remove(connection: sqlite3.Connection, export: str) -> int:
    """Take out what an export of this name replaces, and give the number of records it had."""
    held = [row for row in connection.execute("SELECT name, records, export FROM ecosystem") if names.covers(export, row[0])]
    for name, _records, brought_by in held:
        connection.execute("DELETE FROM entry WHERE ecosystem = ?", (name,))
        connection.execute("DELETE FROM ecosystem WHERE name = ?", (name,))
        # The export that brought it is no longer complete here, so the next sync of it must be a whole one.
        connection.execute("UPDATE export SET etag = '', last_modified = '' WHERE name = ?", (brought_by,))
    gone = [name for (name,) in connection.execute("SELECT name FROM export").fetchall() if names.covers(export, name)]
    for name in gone:
        connection.execute("DELETE FROM alias WHERE record IN (SELECT id FROM record WHERE export = ?)", (name,))
        for table in ("record", "block"):
            connection.execute(f"DELETE FROM {table} WHERE export = ?", (name,))  # noqa: S608 - two names of ours
        connection.execute("DELETE FROM export WHERE name = ?", (name,))
    return sum(records for _name, records, _export in held)


def _next(connection: sqlite3.Connection, table: str) -> int:
    (row,) = connection.execute(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}").fetchall()  # noqa: S608 - a name of ours
    return int(row[0])


def _draft(path: Path, draft: Path) -> sqlite3.Connection:
    """Copy the store, or begin an empty one where there is none that can be used."""
    draft.unlink(missing_ok=True)
    if path.is_file():
        shutil.copyfile(path, draft)
        connection = _connect(draft)
        with contextlib.suppress(sqlite3.DatabaseError):
            if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
                connection.execute("SELECT COUNT(*) FROM export").fetchone()
                return connection
        connection.close()
        draft.unlink()
    connection = _connect(draft)
    connection.executescript(TABLES)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return connection


def _connect(draft: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(draft, isolation_level=None)
    # The draft is thrown away after a crash, and settled on disk before it is used.
    connection.execute("PRAGMA journal_mode = MEMORY").fetchone()
    connection.execute("PRAGMA synchronous = OFF")
    return connection


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / f"{FILE}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ScangateError(f"another sync is at work in {home}", advice="wait until it has ended") from None
        yield


def _settle(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
