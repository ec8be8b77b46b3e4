"""The store as a sync sees it: one export replaced, or changed where its source did, whole or not at all."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from scangate.advisories import held, names
from scangate.advisories.blocks import Blocks
from scangate.advisories.osv import Advisory
from scangate.advisories.schema import FILE, Export, Rejections
from scangate.advisories.store import specification
from scangate.errors import ScangateError

WORTH_GUARDING: Final = 100
"""Records of an export from which on it may not lose more than half of them in one sync."""
_BATCH: Final = 500
_WITHIN: Final = "(ecosystem = ? OR (ecosystem > ? || ':' AND ecosystem < ? || ';'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record to be stored. `advisory` is None where it is malformed; `rejected` counts its unusable parts.

    `raw` is empty for one that has nothing to say about the export: it is only noted, so as not to be fetched again.
    """

    name: str
    advisory: Advisory | None
    raw: bytes
    rejected: int = 0


def known(connection: sqlite3.Connection, export: str) -> dict[str, str]:
    """Give the `modified` of every record of an export, by name; empty for one that was malformed."""
    return dict(connection.execute("SELECT name, modified FROM record WHERE export = ?", (export,)).fetchall())


def touch(connection: sqlite3.Connection, export: Export, synced_at: str) -> int:
    """Note that the export was looked at and is unchanged; give the number of its records."""
    connection.execute("UPDATE export SET synced_at = ? WHERE name = ?", (synced_at, export.name))
    return _count(connection, export.name)


def write(connection: sqlite3.Connection, export: Export, records: Iterable[Record], rejections: Rejections) -> int:
    """Replace all records of one export, and give their number. `rejections` is filled while `records` is consumed.

    Raises ScangateError, with nothing changed, when no record could be used or far fewer came than there were.
    """
    return _change(connection, export, records, rejections, lambda: _remove(connection, export.name))


def patch(
    connection: sqlite3.Connection,
    export: Export,
    gone: Iterable[str],
    records: Iterable[Record],
    rejections: Rejections,
) -> int:
    """Take records out of an export by name, put others in, and give their number then. Raises as `write` does."""

    def remove() -> int:
        before = _count(connection, export.name)
        connection.execute("CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY)")
        find = "INSERT INTO gone SELECT id FROM record WHERE name = ? AND export = ?"
        connection.executemany(find, [(name, export.name) for name in gone])
        within = (names.canonical(export.name),) * 3
        connection.execute(f"DELETE FROM entry WHERE {_WITHIN} AND record IN (SELECT id FROM gone)", within)  # noqa: S608 - ours
        connection.execute("DELETE FROM alias WHERE record IN (SELECT id FROM gone)")
        connection.execute("DELETE FROM record WHERE id IN (SELECT id FROM gone)")
        connection.execute("DROP TABLE gone")
        return before

    return _change(connection, export, records, rejections, remove)


def _change(
    connection: sqlite3.Connection,
    export: Export,
    records: Iterable[Record],
    rejections: Rejections,
    remove: Callable[[], int],
) -> int:
    connection.execute("SAVEPOINT export")
    try:
        before = remove()
        in_records = insert(connection, export.name, records)
        total = settle(connection, export, rejections.count - in_records)
        _check(export, before, total)
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


def insert(connection: sqlite3.Connection, export: str, records: Iterable[Record]) -> int:
    """Put records beside those that are there, and give the number of their unusable parts."""
    rejected = 0
    (row,) = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM record").fetchall()
    number, each_record = int(row[0]), iter(records)
    with Blocks(connection, export) as blocks:
        while batch := list(islice(each_record, _BATCH)):
            numbered = list(enumerate(batch, number))
            number += len(batch)
            rejected += sum(each.rejected for each in batch)
            connection.executemany(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (id_, export, each.name, _modified(each), each.rejected, *blocks.add(each.raw))
                    for id_, each in numbered
                ],
            )
            used = [
                (id_, each.advisory)
                for id_, each in numbered
                if each.raw and each.advisory and not each.advisory.withdrawn
            ]
            aliases = [(name, id_) for id_, advisory in used for name in sorted(advisory.names)]
            connection.executemany("INSERT INTO alias VALUES (?, ?)", aliases)
            connection.executemany(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
                [row for id_, advisory in used for row in _entries(export, id_, advisory)],
            )
    return rejected


def _modified(record: Record) -> str:
    return record.advisory.modified if record.advisory else ""


def _entries(export: str, number: int, advisory: Advisory) -> Iterator[tuple[str, str, int, int, str]]:
    for position, each in enumerate(advisory.affected):
        if names.covers(export, each.ecosystem):
            yield names.canonical(each.ecosystem), each.package, number, position, specification(each)


def settle(connection: sqlite3.Connection, export: Export, unread: int) -> int:
    """Count what is there now of an export, and give the number of its records. `unread`: those that are not there."""
    (row,) = connection.execute("SELECT SUM(rejected) FROM record WHERE export = ?", (export.name,)).fetchall()
    connection.execute("DELETE FROM ecosystem WHERE export = ?", (export.name,))
    connection.execute(
        "INSERT OR REPLACE INTO ecosystem SELECT ecosystem, ?, COUNT(DISTINCT record), MAX(modified)"  # noqa: S608 - ours
        f" FROM entry JOIN record ON record.id = entry.record WHERE {_WITHIN} GROUP BY ecosystem",
        (export.name, *(names.canonical(export.name),) * 3),
    )
    values = {name: getattr(export, name) for name in held.EXPORT} | {
        "as_of": export.as_of.isoformat(),
        "rejected": unread + int(row[0] or 0),
    }
    places = ", ".join("?" * len(values))
    connection.execute(f"INSERT OR REPLACE INTO export ({', '.join(values)}) VALUES ({places})", tuple(values.values()))  # noqa: S608 - ours
    return _count(connection, export.name)


def _count(connection: sqlite3.Connection, export: str) -> int:
    (row,) = connection.execute("SELECT SUM(records) FROM ecosystem WHERE export = ?", (export,)).fetchall()
    return int(row[0] or 0)


def _remove(connection: sqlite3.Connection, export: str) -> int:
    """Take out what an export of this name replaces, and give the number of records it had."""
    there = [
        row for row in connection.execute("SELECT name, records, export FROM ecosystem") if names.covers(export, row[0])
    ]
    for name, _records, brought_by in there:
        connection.execute("DELETE FROM entry WHERE ecosystem = ?", (name,))
        connection.execute("DELETE FROM ecosystem WHERE name = ?", (name,))
        # The export that brought it is no longer complete here, so the next sync of it must be a whole one.
        connection.execute("UPDATE export SET etag = '', last_modified = '', listed = '' WHERE name = ?", (brought_by,))
    gone = [name for (name,) in connection.execute("SELECT name FROM export").fetchall() if names.covers(export, name)]
    for name in gone:
        connection.execute("DELETE FROM alias WHERE record IN (SELECT id FROM record WHERE export = ?)", (name,))
        for table in ("record", "block"):
            connection.execute(f"DELETE FROM {table} WHERE export = ?", (name,))  # noqa: S608 - two names of ours
        connection.execute("DELETE FROM export WHERE name = ?", (name,))
    return sum(records for _name, records, _export in there)
