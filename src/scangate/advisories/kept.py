"""Records that the API gave, kept in the home by id and `modified`. A cache: what is wrong with it costs time only."""

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scangate.advisories.answers import Known

FILE: Final = "osv-api.db"
_TABLE: Final = "CREATE TABLE IF NOT EXISTS kept (id TEXT PRIMARY KEY, modified TEXT NOT NULL, data BLOB NOT NULL)"
_PATIENCE: Final = 10.0
"""Seconds to wait for another scan that writes."""


class Kept:
    """Not to be shared between threads. Without a place that can be written, nothing is kept."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, home: Path) -> Iterator["Kept"]:
        connection: sqlite3.Connection | None = None
        with contextlib.suppress(OSError, sqlite3.Error):
            home.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(home / FILE, timeout=_PATIENCE, isolation_level=None)
        try:
            if connection:
                connection = _usable(connection, home)
            yield cls(connection)
        finally:
            if connection:
                connection.close()

    def get(self, wanted: Known) -> bytes | None:
        """Give the record, byte for byte, when it is here in this version."""
        if not self._connection:
            return None
        with contextlib.suppress(sqlite3.Error, zlib.error, TypeError):
            query = "SELECT data FROM kept WHERE id = ? AND modified = ?"
            for (data,) in self._connection.execute(query, (wanted.id, wanted.modified)).fetchall():
                return zlib.decompress(data)
        return None

    def put(self, records: Mapping[Known, bytes]) -> None:
        """Keep them, each in place of an older version."""
        if self._connection:
            rows = [(each.id, each.modified, zlib.compress(raw)) for each, raw in records.items()]
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
                self._connection.execute("COMMIT")


def _usable(connection: sqlite3.Connection, home: Path) -> sqlite3.Connection | None:
    """Prepare the file; one that is damaged is begun anew."""
    for _turn in range(2):
        try:
            connection.execute(_TABLE)
        except sqlite3.DatabaseError:
            connection.close()
            with contextlib.suppress(OSError, sqlite3.Error):
                (home / FILE).unlink(missing_ok=True)
                connection = sqlite3.connect(home / FILE, timeout=_PATIENCE, isolation_level=None)
        else:
            return connection
    return None
