"""What was brought last time, as the tables of the store have it."""

import sqlite3
from dataclasses import fields
from datetime import date
from typing import Any, Final

from scangate.advisories.schema import Export, Feed

EXPORT: Final = tuple(each.name for each in fields(Export))
FEED: Final = tuple(each.name for each in fields(Feed))


def exports(connection: sqlite3.Connection) -> dict[str, Export]:
    """Give the exports by name, sorted."""
    return {each["name"]: Export(**each) for each in _rows(connection, "export", EXPORT)}


def feeds(connection: sqlite3.Connection) -> dict[str, Feed]:
    """Give KEV and EPSS by name, sorted, where they are there."""
    return {each["name"]: Feed(**each) for each in _rows(connection, "feed", FEED)}


def _rows(connection: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY name").fetchall()  # noqa: S608 - names of ours
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    return [each | {"as_of": date.fromisoformat(each["as_of"])} for each in found]
