"""Where advisories come from: a folder (folder.py), a mirror (mirror.py) or a bundle (bundles.py), in one layout."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Protocol

from scangate.advisories.schema import Export, Feed, Rejections
from scangate.errors import ScangateError

LAYOUT: Final = "ECOSYSTEM/all.zip, ECOSYSTEM/*.json, or *.json"
FEEDS: Final = {"KEV": "kev/known_exploited_vulnerabilities.json", "EPSS": "epss/epss_scores-current.csv.gz"}
"""Where a folder or a mirror holds what is said about CVEs."""
INNER: Final = "osv"
"""The folder that holds the ecosystems where there are other things beside them."""

Records = Iterator[tuple[str, bytes]]
"""(file name, content) of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What reading needs besides the place. `rejections` takes what cannot be read; `home` keeps what is unfinished.

    `known` gives the `modified` of each record that is held of the export; `whole`: changes alone are not wanted.
    """

    now: datetime
    rejections: Rejections
    check: Callable[[], None]
    home: Path
    tell: Callable[[str], None] = lambda _text: None
    known: Callable[[], dict[str, str]] = dict
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An export that was opened. `gone`: only these records are replaced; None means all.

    `others`: it is a larger one, so that records of no concern to the export are no mistake.
    """

    export: Export
    records: Records
    gone: tuple[str, ...] | None = None
    others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that a feed is read from. `day` is that of the file, where anybody says it."""

    raw: bytes
    source: str
    day: date | None
    url: str = ""
    etag: str = ""
    last_modified: str = ""


class Source(Protocol):
    """A place that holds exports, and may hold feeds."""

    def names(self, check: Callable[[], None]) -> tuple[str, ...]:
        """Say which exports are there, sorted. Raises ScangateError."""

    def opened(self, name: str, held: Export | None, task: Task) -> AbstractContextManager[Opened | None]:
        """Open one export; None when it is still what `held` says was fetched last time. Raises ScangateError."""

    def feed(self, name: str, held: Feed | None, task: Task) -> Fetched | None:
        """Read one of FEEDS; None when it is still what `held` says. Raises AbsentError, ScangateError."""


class AbsentError(ScangateError):
    """The place does not hold it."""


def folder(name: str) -> str:
    """What the folder of an ecosystem is called: its name, which may have a slash."""
    return name.replace("/", "%2F")


def stamp(now: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return now.astimezone(UTC).isoformat(timespec="seconds")
