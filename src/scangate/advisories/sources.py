"""Where advisories come from: a folder, or a mirror over HTTP, both in the layout of OSV's bulk export."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

from scangate import http
from scangate.advisories import archive, names
from scangate.advisories.osv import parse
from scangate.advisories.schema import Export, Rejections
from scangate.errors import ScangateError, UsageError

LAYOUT: Final = "ECOSYSTEM/all.zip, ECOSYSTEM/*.json, or *.json"
MAX_DOWNLOAD: Final = 2 * 2**30
_MAX_LIST: Final = 2**16
_SECONDS: Final = 1_800.0

Records = Iterator[tuple[str, bytes]]
"""(file name, content) of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What reading needs besides the place. `rejections` takes what cannot be read."""

    now: datetime
    rejections: Rejections
    check: Callable[[], None]


class Source(Protocol):
    """A place that holds exports."""

    def names(self, check: Callable[[], None]) -> tuple[str, ...]:
        """Say which exports are there, sorted. Raises ScangateError."""

    def opened(
        self, name: str, held: Export | None, task: Task
    ) -> AbstractContextManager[tuple[Export, Records] | None]:
        """Open one export; None when it is still what `held` says was fetched last time. Raises ScangateError."""


def source(place: str) -> Source:
    """Tell a mirror's address from a folder. Raises UsageError when it is neither."""
    if place.startswith(("http://", "https://")):
        return Mirror(place.rstrip("/"))
    if Path(place).is_dir():
        return Folder(Path(place))
    raise UsageError(
        f"{place} is no folder, and no http or https address", advice=f"name a folder that holds {LAYOUT}, or a mirror"
    )


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with one folder per ecosystem, with loose records that say where they belong, or with both."""

    path: Path

    def names(self, check: Callable[[], None]) -> tuple[str, ...]:
        with _readable(self.path):
            folders = {
                each.name for each in self.path.iterdir() if names.ECOSYSTEM.fullmatch(each.name) and _files(each)
            }
        loose = _contents(_loose(self.path), Rejections(), check)
        found = folders.union(*(_ecosystems(raw) for _file, raw in loose))
        if not found:
            raise ScangateError(f"{self.path} holds no advisories", advice=f"expected {LAYOUT}")
        return tuple(sorted(found))

    @contextmanager
    def opened(self, name: str, held: Export | None, task: Task) -> Iterator[tuple[Export, Records] | None]:  # noqa: ARG002
        with _readable(self.path), ExitStack() as stack:
            files, loose = _files(self.path / name), _loose(self.path)
            if not files and not loose:
                raise ScangateError(f"{self.path / name} holds no advisories", advice=f"expected {LAYOUT}")
            newest = datetime.fromtimestamp(max(each.stat().st_mtime for each in files or loose), UTC)
            export = Export(
                name=name,
                source=str(self.path),
                as_of=min(newest, task.now).date(),
                synced_at=stamp(task.now),
            )
            if files and files[0].suffix == ".zip":
                stream = stack.enter_context(files[0].open("rb"))
                own = archive.records(stream, str(files[0]), task.rejections, task.check)
            else:
                own = _contents(files, task.rejections, task.check)
            others = _contents(loose, task.rejections, task.check)
            yield export, chain(own, (each for each in others if _belongs(each[1], export.name)))


@dataclass(frozen=True, slots=True)
class Mirror:
    """A web server with the layout of OSV's bulk export: `ecosystems.txt`, and `ECOSYSTEM/all.zip`."""

    url: str

    def names(self, check: Callable[[], None]) -> tuple[str, ...]:
        text = http.get(f"{self.url}/ecosystems.txt", max_bytes=_MAX_LIST, check=check).body.decode(errors="replace")
        found = {line.strip() for line in text.splitlines() if names.ECOSYSTEM.fullmatch(line.strip())}
        if not found:
            raise ScangateError(f"{self.url}/ecosystems.txt names no ecosystem", advice="name them yourself")
        return tuple(sorted(found))

    @contextmanager
    def opened(self, name: str, held: Export | None, task: Task) -> Iterator[tuple[Export, Records] | None]:
        url = f"{self.url}/{quote(name, safe='')}/all.zip"
        asked = (
            {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified} if held and held.url == url else {}
        )
        with tempfile.TemporaryFile() as stream:
            answer = http.download(
                url,
                stream,
                headers={header: value for header, value in asked.items() if value},
                max_bytes=MAX_DOWNLOAD,
                limits=http.Limits(deadline=_SECONDS),
                check=task.check,
            )
            if answer.status == HTTPStatus.NOT_MODIFIED:
                yield None
                return
            last_modified = answer.headers.get("last-modified", "")
            as_of = _http_date(last_modified) or archive.newest(stream, url) or date.min
            export = Export(
                name=name,
                source=self.url,
                as_of=min(as_of, task.now.date()),
                synced_at=stamp(task.now),
                url=url,
                etag=answer.headers.get("etag", ""),
                last_modified=last_modified,
            )
            yield export, archive.records(stream, url, task.rejections, task.check)


def _files(folder: Path) -> list[Path]:
    whole = folder / "all.zip"
    return [whole] if whole.is_file() else _loose(folder)


def _loose(folder: Path) -> list[Path]:
    return sorted(each for each in folder.glob("*.json") if each.is_file())


def _contents(files: Iterable[Path], rejections: Rejections, check: Callable[[], None]) -> Records:
    for file in files:
        check()
        try:
            with file.open("rb") as stream:
                raw = stream.read(archive.MAX_RECORD + 1)
        except OSError as error:
            rejections.add(file.name, f"cannot be read: {error.strerror}")
            continue
        if len(raw) > archive.MAX_RECORD:
            rejections.add(file.name, f"is larger than {archive.MAX_RECORD} bytes")
        else:
            yield file.name, raw


def _ecosystems(raw: bytes) -> frozenset[str]:
    try:
        return frozenset(entry.ecosystem for entry in parse(raw).affected)
    except ValueError:
        return frozenset()


def _belongs(raw: bytes, export: str) -> bool:
    """A record that says nowhere where it belongs is everybody's, to be rejected with its reason."""
    found = _ecosystems(raw)
    return not found or any(names.covers(export, each) for each in found)


def _http_date(text: str) -> date | None:
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, OverflowError):
        return None


def stamp(now: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return now.astimezone(UTC).isoformat(timespec="seconds")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ScangateError(f"{path} cannot be read: {error.strerror or error}") from error
