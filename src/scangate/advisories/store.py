"""The store as matching sees it: one SQLite file, opened read-only."""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote

from scangate.advisories import blocks, held, names
from scangate.advisories.osv import Advisory, Affected, Event, parse
from scangate.advisories.schema import FILE, SYNC, VERSION, Entry, Exploited, Export, Feed, Holding, Likelihood
from scangate.errors import ScanError

_BLOCKS_KEPT: Final = 64
_ADVISORIES_KEPT: Final = 1_000
_HOLDINGS: Final = """
SELECT ecosystem.name, source, synced_at, as_of, records, newest, rejected
FROM ecosystem JOIN export ON export.name = ecosystem.export ORDER BY ecosystem.name
"""


class StoreMissingError(ScanError):
    """Nothing was ever synced."""


class Store:
    """Advisories by package. Not to be shared between threads. Methods raise ScanError when the file is damaged."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._advisories: dict[int, Advisory] = {}

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open `home/advisories.db`. Raises StoreMissingError, or ScanError when it cannot be used."""
        path = home / FILE
        if not path.is_file():
            raise StoreMissingError(f"there is no advisory data in {home}", advice=f"fetch it: {SYNC}")
        store = cls(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True), path)
        try:
            store._check()
        except ScanError:
            store.close()
            raise
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def holdings(self) -> tuple[Holding, ...]:
        """Say what is here, by ecosystem."""
        with self._reading():
            return tuple(
                Holding(
                    ecosystem=name,
                    source=source,
                    synced_at=synced_at,
                    as_of=date.fromisoformat(as_of),
                    records=records,
                    newest=newest,
                    rejected=rejected,
                )
                for name, source, synced_at, as_of, records, newest, rejected in self._rows(_HOLDINGS)
            )

    def exports(self) -> tuple[Export, ...]:
        """Say where the records came from, export by export."""
        with self._reading():
            return tuple(held.exports(self._connection).values())

    def feeds(self) -> tuple[Feed, ...]:
        """Say which of KEV and EPSS are here."""
        with self._reading():
            return tuple(held.feeds(self._connection).values())

    def published(self, feed: str) -> bytes:
        """Give KEV or EPSS byte for byte as it was published."""
        with self._reading():
            (row,) = self._rows("SELECT data FROM feed WHERE name = ?", feed)
            return blocks.unpack(row[0])

    def records(self, export: str) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of each record of an export, sorted; a name that comes again gets a number."""
        query = "SELECT name, block, start, length FROM record WHERE export = ? AND length > 0 ORDER BY name, id"
        before, again = "", 0
        for name, *where in self._rows(query, export):
            again = again + 1 if name == before else 0
            before = name
            with self._reading():
                raw = self._content(*where)
            yield f"{name}.{again}" if again else name, raw

    def kev(self, cve: str) -> Exploited | None:
        """Give what CISA's list says about a CVE; None when it is not in it."""
        with self._reading():
            for added, due, ransomware in self._rows("SELECT added, due, ransomware FROM kev WHERE cve = ?", cve):
                until = date.fromisoformat(due) if due else None
                return Exploited(cve=cve, added=date.fromisoformat(added), due=until, ransomware=bool(ransomware))
        return None

    def epss(self, cve: str) -> Likelihood | None:
        """Give what EPSS says about a CVE; None when it has no score."""
        with self._reading():
            for probability, percentile in self._rows("SELECT probability, percentile FROM epss WHERE cve = ?", cve):
                return Likelihood(cve=cve, probability=float(probability), percentile=float(percentile))
        return None

    def entries(self, ecosystem: str, package: str) -> tuple[Entry, ...]:
        """Give every entry about one package, in a stable order. Its name need not be normalised."""
        ecosystem, package = names.canonical(ecosystem), names.package(ecosystem, package)
        query = "SELECT record, position, spec FROM entry WHERE ecosystem = ? AND package = ? ORDER BY record, position"
        with self._reading():
            return tuple(
                Entry(record=record, position=position, affected=_affected(ecosystem, package, spec))
                for record, position, spec in self._rows(query, ecosystem, package)
            )

    def advisory(self, record: int) -> Advisory:
        """Give a whole advisory by the number that an entry has."""
        if record not in self._advisories:
            if len(self._advisories) >= _ADVISORIES_KEPT:
                self._advisories.clear()
            with self._reading():
                (row,) = self._rows("SELECT block, start, length FROM record WHERE id = ?", record)
                self._advisories[record] = parse(self._content(*row))
        return self._advisories[record]

    def about(self, identifier: str) -> tuple[int, ...]:
        """Find the records, not withdrawn, that carry this id or name it among their aliases and upstreams."""
        return tuple(
            row[0] for row in self._rows("SELECT record FROM alias WHERE name = ? ORDER BY record", identifier)
        )

    def raw(self, identifier: str) -> bytes | None:
        """Give a record, withdrawn ones included, byte for byte as it was published; None when it is not here."""
        with self._reading():
            rows = self._rows(
                "SELECT block, start, length FROM record WHERE name = ? AND length > 0 ORDER BY id LIMIT 1", identifier
            )
            return self._content(*rows[0]) if rows else None

    def _check(self) -> None:
        if (version := self._rows("PRAGMA user_version")[0][0]) != VERSION:
            text = f"{self._path} is of version {version}; version {VERSION} was expected"
            raise ScanError(text, advice=f"fetch it again: {SYNC}")

    def _content(self, block: int, start: int, length: int) -> bytes:
        if block not in self._blocks:
            (row,) = self._rows("SELECT data FROM block WHERE id = ?", block)
            self._blocks[block] = blocks.unpack(row[0])
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        return self._blocks[block][start : start + length]

    def _rows(self, query: str, *arguments: object) -> list[Any]:
        with self._reading():
            return self._connection.execute(query, arguments).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, *blocks.DAMAGED, ValueError, LookupError, TypeError) as error:
            raise ScanError(
                f"{self._path} is damaged: {error}", advice=f"delete it, and fetch it again: {SYNC}"
            ) from error


def specification(affected: Affected) -> str:
    """Write what evaluation needs of an entry: ranges and versions."""
    ranges = [[[event.kind, event.version] for event in events] for events in affected.ranges]
    return json.dumps([ranges, affected.versions], separators=(",", ":"))


def _affected(ecosystem: str, package: str, spec: str) -> Affected:
    ranges, versions = json.loads(spec)
    return Affected(
        ecosystem=ecosystem,
        package=package,
        ranges=tuple(tuple(Event(kind=kind, version=version) for kind, version in events) for events in ranges),
        versions=tuple(versions),
    )
