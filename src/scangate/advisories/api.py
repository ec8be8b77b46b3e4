"""Advisories asked for, package by package, at OSV's API: for where nothing is synced.

https://google.github.io/osv.dev/api/. What it says is put into a store of its own in memory, and matched like any
other; records are kept in the home by id and `modified`, so that each is fetched once.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from scangate import http
from scangate.advisories import answers, names
from scangate.advisories.answers import Known, Query
from scangate.advisories.kept import Kept
from scangate.advisories.known_as import lookups
from scangate.advisories.osv import parse
from scangate.advisories.schema import TABLES, Export
from scangate.advisories.sources import stamp
from scangate.advisories.store import Store
from scangate.advisories.writing import Record, insert, settle
from scangate.core.model import Package
from scangate.errors import ScanError

URL: Final = "https://api.osv.dev"
VARIABLE: Final = "SCANGATE_OSV_API"
BATCH: Final = 1_000
"""Queries that the API takes at once."""
AT_ONCE: Final = 8
"""Records that are fetched at the same time."""
_MAX_PAGES: Final = 200
_MAX_ANSWER: Final = 64 * 2**20
_ADVICE: Final = "try again, or sync the advisories instead"
_LIMITS: Final = http.Limits(deadline=300.0, tries=5)


def fetch(
    packages: Iterable[Package],
    home: Path,
    check: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda _text: None,
    *,
    now: datetime | None = None,
) -> Store:
    """Ask for what affects the packages, and give it as a store; close it. Its data are as of now.

    Packages of no ecosystem are not asked for. Raises ScanError for whatever could not be asked or read: then nothing
    is known, and nothing may pass.
    """
    url = os.environ.get(VARIABLE, URL).rstrip("/")
    queries = sorted({query for each in packages if each.ecosystem for query in _queries(each)})
    tell(f"asking {url} about {len(queries)} packages")
    wanted = _ask(url, queries, check)
    with Kept.open(home) as kept:
        held = {each: raw for each in wanted if (raw := kept.get(each)) is not None}
        missing = [each for each in wanted if each not in held]
        tell(f"fetching {len(missing)} records of {len(wanted)}")
        fresh = _details(url, missing, check)
        kept.put(fresh)
    records = [_record(each.id, raw) for each, raw in sorted((held | fresh).items())]
    return _store(records, sorted({each.ecosystem for each in queries}), url, now or datetime.now(UTC))


def _queries(package: Package) -> Iterator[Query]:
    ecosystem = names.canonical(package.ecosystem)
    return (Query(ecosystem=ecosystem, name=name, version=version) for name, version in lookups(package))


def _ask(url: str, queries: Sequence[Query], check: Callable[[], None]) -> tuple[Known, ...]:
    """Ask in batches; a query with more answers than fit is asked again for its next page."""
    found: set[Known] = set()
    waiting = [(each, "") for each in queries]
    for _page in range(_MAX_PAGES + len(waiting) // BATCH):
        if not waiting:
            return tuple(sorted(found))
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        body = answers.question(batch)
        place = f"{url}/v1/querybatch"
        raw = http.post(place, body, max_bytes=_MAX_ANSWER, limits=_LIMITS, check=check).body
        for (query, _token), answer in zip(batch, answers.read(raw, len(batch), place), strict=True):
            found.update(answer.known)
            if answer.next_page:
                waiting.append((query, answer.next_page))
    raise ScanError(f"{url} has more pages than {_MAX_PAGES}", advice=_ADVICE)


def _details(url: str, wanted: Sequence[Known], check: Callable[[], None]) -> dict[Known, bytes]:
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="advisories")
    try:
        return dict(zip(wanted, pool.map(lambda each: _detail(url, each, check), wanted), strict=True))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _detail(url: str, wanted: Known, check: Callable[[], None]) -> bytes:
    place = f"{url}/v1/vulns/{quote(wanted.id, safe='')}"
    raw = http.get(place, max_bytes=_MAX_ANSWER, limits=_LIMITS, check=check).body
    _record(wanted.id, raw)  # before it is kept
    return raw


def _record(name: str, raw: bytes) -> Record:
    try:
        advisory = parse(raw)
    except ValueError as error:
        raise ScanError(
            f"the API's record {name} cannot be read: {error}", advice="sync the advisories instead"
        ) from None
    if advisory.id != name:
        raise ScanError(f"the API was asked for {name}, and gave {advisory.id}", advice=_ADVICE)
    return Record(name=name, advisory=advisory, raw=raw, rejected=len(advisory.unusable))


def _store(records: Sequence[Record], ecosystems: Sequence[str], url: str, now: datetime) -> Store:
    """Fill a store in memory: each ecosystem that was asked for is held, also where nothing affects it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(TABLES)
    for name in ecosystems:
        export = Export(name=name, source=url, as_of=now.astimezone(UTC).date(), synced_at=stamp(now))
        own = [each for each in records if _covers(name, each)]
        insert(connection, name, own)
        if not settle(connection, export, 0):
            connection.execute("INSERT INTO ecosystem VALUES (?, ?, 0, '')", (name, name))
    return Store(connection, Path(url))


def _covers(ecosystem: str, record: Record) -> bool:
    return record.advisory is not None and any(
        names.covers(ecosystem, each.ecosystem) for each in record.advisory.affected
    )
