"""The store as a sync sees it: one export replaced at a time, whole or not at all."""

import sqlite3
import zlib
from collections.abc import Iterable
from datetime import date
from typing import Final

from scangate.advisories import names
from scangate.advisories.osv import Advisory
from scangate.advisories.schema import FILE, Export, Rejections
from scangate.advisories.store import specification
from scangate.errors import ScangateError

BLOCK: Final = 2**16
"""Bytes of raw records that are compressed together."""
WORTH_GUARDING: Final = 100
"""Records of an export from which on it may not lose more than half of them in one sync."""


def exports(connection: sqlite3.Connection) -> dict[str, Export]:
    """Give what was brought last time, by name."""
    rows = connection.execute("SELECT name, source, as_of, synced_at, url, etag, last_modified FROM export").fetchall()
    found = (
        Export(
            name=name,
            source=source,
            as_of=date.fromisoformat(as_of),
            synced_at=synced_at,
            url=url,
            etag=etag,
            last_modified=last_modified,
        )
        for name, source, as_of, synced_at, url, etag, last_modified in rows
    )
    return {export.name: export for export in found}


def touch(connection: sqlite3.Connection, export: Export, synced_at: str) -> int:
    """Note that the export was looked at and is unchanged; give the number of its records."""
    connection.execute("UPDATE export SET synced_at = ? WHERE name = ?", (synced_at, export.name))
    (row,) = connection.execute("SELECT SUM(records) FROM ecosystem WHERE export = ?", (export.name,)).fetchall()
    return int(row[0] or 0)


def write(
    connection: sqlite3.Connection, export: Export, records: Iterable[tuple[Advisory, bytes]], rejections: Rejections
) -> int:
    """Replace all records of one export, and give their number. `rejections` is filled while `records` is consumed.

    Raises ScangateError, with nothing changed, when no record could be used or far fewer came than there were.
    """
    connection.execute("SAVEPOINT export")
    try:
        before = _remove(connection, export.name)
        total = _insert(connection, export, records)
        _check(export, before, total)
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
                rejections.count,
            ),
        )
    except BaseException:
        connection.execute("ROLLBACK TO export")
        raise
    finally:
        connection.execute("RELEASE export")
    return total


def _check(export: Export, before: int, total: int) -> None:
    if not total:
        raise ScangateError(f"{export.source} holds no usable record for {export.name}")
    if before >= WORTH_GUARDING and total < before / 2:
        raise ScangateError(
            f"{export.source} holds {total} records for {export.name}; the last sync brought {before}",
            advice=f"the source is probably incomplete; if it is right, delete {FILE} and sync again",
        )


def _insert(connection: sqlite3.Connection, export: Export, records: Iterable[tuple[Advisory, bytes]]) -> int:
    number = _next(connection, "record")
    block, pending = _next(connection, "block"), bytearray()
    counts: dict[str, int] = {}
    newest: dict[str, str] = {}

    def flush() -> None:
        connection.execute("INSERT INTO block VALUES (?, ?, ?)", (block, export.name, zlib.compress(pending)))

    for advisory, raw in records:
        entries = [
            (position, each)
            for position, each in enumerate(advisory.affected)
            if names.covers(export.name, each.ecosystem)
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
    held = [
        row for row in connection.execute("SELECT name, records, export FROM ecosystem") if names.covers(export, row[0])
    ]
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
