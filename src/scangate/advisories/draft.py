"""A copy of the store that takes its place when everything is written, or is thrown away."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from scangate.advisories.schema import FILE, TABLES, VERSION
from scangate.errors import ScangateError


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


def _draft(path: Path, draft: Path) -> sqlite3.Connection:
    """Copy the store, or begin an empty one where there is none that can be used."""
    draft.unlink(missing_ok=True)
    connection = (_copy(path, draft) if path.is_file() else None) or _empty(draft)
    # The draft is thrown away after a crash, and settled on disk before it is used.
    connection.execute("PRAGMA journal_mode = MEMORY").fetchone()
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _copy(path: Path, draft: Path) -> sqlite3.Connection | None:
    shutil.copyfile(path, draft)
    connection = sqlite3.connect(draft, isolation_level=None)
    with contextlib.suppress(sqlite3.DatabaseError):
        if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return connection
    connection.close()
    draft.unlink()
    return None


def _empty(draft: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(draft, isolation_level=None)
    connection.executescript(TABLES)
    connection.execute(f"PRAGMA user_version = {VERSION}")
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
