"""The tables of the store, and the types of their rows.

Raw records are kept in blocks compressed together: 15,000 records take about 5 MB instead of 12.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from scangate.advisories.osv import Affected

FILE: Final = "advisories.db"
SYNC: Final = "scangate advisories sync"
VERSION: Final = 2
MAX_SHOWN: Final = 100
TABLES: Final = """
CREATE TABLE export (           -- one all.zip, or one folder
    name TEXT PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
    listed TEXT NOT NULL,       -- what names the state of its modified_id.csv
    synced_at TEXT NOT NULL, as_of TEXT NOT NULL, rejected INTEGER NOT NULL
);
CREATE TABLE ecosystem (        -- what came in it: Debian:11, Debian:12
    name TEXT PRIMARY KEY, export TEXT NOT NULL, records INTEGER NOT NULL, newest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE block (id INTEGER PRIMARY KEY, export TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE record (           -- every one, also what could not be used: `rejected` counts such parts
    id INTEGER PRIMARY KEY, export TEXT NOT NULL, name TEXT NOT NULL, modified TEXT NOT NULL, rejected INTEGER NOT NULL,
    block INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL
);
CREATE INDEX record_name ON record (name);
CREATE TABLE alias (name TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (name, record)) WITHOUT ROWID;
CREATE TABLE entry (            -- what is affected: `position` in the record's list, and what evaluation needs
    ecosystem TEXT NOT NULL, package TEXT NOT NULL,
    record INTEGER NOT NULL, position INTEGER NOT NULL, spec TEXT NOT NULL,
    PRIMARY KEY (ecosystem, package, record, position)
) WITHOUT ROWID;
CREATE TABLE feed (             -- KEV and EPSS; `data` is the file as it was published
    name TEXT PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
    synced_at TEXT NOT NULL, as_of TEXT NOT NULL, version TEXT NOT NULL, records INTEGER NOT NULL,
    rejected INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE kev (
    cve TEXT PRIMARY KEY, added TEXT NOT NULL, due TEXT NOT NULL, ransomware INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE epss (cve TEXT PRIMARY KEY, probability REAL NOT NULL, percentile REAL NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Holding:
    """What the store holds of one ecosystem.

    `as_of` is the data's own date; `newest` the latest `modified` of its records (RFC 3339, empty when none says);
    `synced_at` is RFC 3339 in UTC. `rejected` counts records, or parts of them, that could not be used, in all of the
    export that this ecosystem came in.
    """

    ecosystem: str
    source: str
    synced_at: str
    as_of: date
    records: int
    newest: str
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Feed:
    """What the store holds of KEV or EPSS. `version` is the publisher's own; `url` and so on as in Export."""

    name: str
    source: str
    as_of: date
    synced_at: str
    version: str = ""
    records: int = 0
    rejected: int = 0
    url: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploited:
    """A line of CISA's list of known exploited vulnerabilities. `due`: when federal agencies must have mended it."""

    cve: str
    added: date
    due: date | None = None
    ransomware: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """EPSS: how probable exploitation within 30 days is, and the share of all CVEs for which it is no more; 0 to 1."""

    cve: str
    probability: float
    percentile: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Where the records of one sync come from. `url`, `etag` and `last_modified` are empty unless it was downloaded.

    `listed` names the state of the list of its records, for the next sync to ask whether there is a newer one.
    """

    name: str
    source: str
    as_of: date
    synced_at: str
    url: str = ""
    etag: str = ""
    last_modified: str = ""
    listed: str = ""


@dataclass(slots=True)
class Rejections:
    """What could not be used: how many records or parts of them, and the first of them as `file: reason`."""

    count: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, file: str, reason: str) -> None:
        self.count += 1
        if len(self.shown) < MAX_SHOWN:
            self.shown.append(f"{file[-120:]}: {reason[:200]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One affected entry as it is stored: enough to evaluate. `record` and `position` lead to all of it."""

    record: int
    position: int
    affected: Affected
