"""A web server with the layout of OSV's bulk export: `ecosystems.txt`, `ECOSYSTEM/all.zip`, `ECOSYSTEM/ID.json`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import IO, Final
from urllib.parse import quote, unquote

from scangate import http
from scangate.advisories import archive, incremental, names
from scangate.advisories.incremental import WholeError
from scangate.advisories.schema import Export, Feed
from scangate.advisories.sources import FEEDS, INNER, AbsentError, Fetched, Opened, Task, stamp
from scangate.advisories.unfinished import downloaded
from scangate.errors import ScangateError

_MAX_LIST: Final = 2**16
_ALL: Final = "all.zip"
_SEEN: Final = "-"
"""For `Export.listed`: the records came in a whole archive, whose state the list need not be in."""


@dataclass(slots=True)
class Mirror:
    """`url` has no slash at its end. The ecosystems may lie in its folder `osv`."""

    url: str
    _roots: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._roots = [self.url, f"{self.url}/{INNER}"]

    def names(self, check: Callable[[], None]) -> tuple[str, ...]:
        advice = "name the ecosystems yourself, with -e"
        for root in self._roots:
            try:
                answer = http.get(f"{root}/ecosystems.txt", max_bytes=_MAX_LIST, check=check)
            except http.HttpError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                continue
            lines = answer.body.decode(errors="replace").splitlines()
            if found := {line.strip() for line in lines if names.ECOSYSTEM.fullmatch(line.strip())}:
                return tuple(sorted(found))
            raise ScangateError(f"{root}/ecosystems.txt names no ecosystem", advice=advice)
        raise AbsentError(f"{self.url}/ecosystems.txt answered 404", advice=advice)

    @contextmanager
    def opened(self, name: str, held: Export | None, task: Task) -> Iterator[Opened | None]:
        held = held if held and held.url.startswith(f"{self.url}/") else None
        if held and held.listed and not task.whole:
            try:
                changes = self._changes(name, held, task)
            except WholeError as error:
                task.tell(f"{name}: fetching all of it: {error.message}")
            else:
                yield changes
                return
        with self._whole(name, held, task) as opened:
            yield opened

    def _changes(self, name: str, held: Export, task: Task) -> Opened | None:
        folder = held.url.removesuffix(f"/{_ALL}")
        answer = _list(folder, held.listed, task)
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return None
        listed = incremental.listing(answer.body)
        found = incremental.difference(listed, task.known())
        answers = incremental.fetch(folder, found, task.check)
        as_of = day(answer) or incremental.newest(listed) or held.as_of
        export = replace(
            held,
            as_of=min(as_of, task.now.date()),
            synced_at=stamp(task.now),
            etag="",  # the archive is not what is here now
            last_modified="",
            listed=answer.headers.get("etag") or answer.headers.get("last-modified") or _SEEN,
        )
        gone = (*found.changed, *found.unlisted)
        return Opened(
            export=export, records=incremental.contents(answers), gone=gone, others=not _is_own(held.url, name)
        )

    @contextmanager
    def _whole(self, name: str, held: Export | None, task: Task) -> Iterator[Opened | None]:
        """Fetch `all.zip` of the ecosystem, else that of its family, of which only a part is then used."""
        absent: http.HttpError | None = None
        for folder in dict.fromkeys((name, names.family(name))):
            for root in self._roots:
                url = f"{root}/{quote(folder, safe='')}/{_ALL}"
                headers = conditions(held.etag, held.last_modified) if held and held.url == url else {}
                try:
                    with downloaded(url, task.home, headers, task.check) as (answer, stream):
                        self._roots = [root]
                        yield (
                            None
                            if answer.status == HTTPStatus.NOT_MODIFIED
                            else self._opened(name, url, answer, stream, task)
                        )
                        return
                except http.HttpError as error:
                    if error.status != HTTPStatus.NOT_FOUND:
                        raise
                    absent = absent or error
        raise absent or AbsentError(f"{self.url} has no {name}")

    def _opened(self, name: str, url: str, answer: http.Response, stream: IO[bytes], task: Task) -> Opened:
        as_of = day(answer) or archive.newest(stream, url) or date.min
        export = Export(
            name=name,
            source=self.url,
            as_of=min(as_of, task.now.date()),
            synced_at=stamp(task.now),
            url=url,
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
            listed=_SEEN,
        )
        records = archive.records(stream, url, task.rejections, task.check)
        return Opened(export=export, records=records, others=not _is_own(url, name))

    def feed(self, name: str, held: Feed | None, task: Task) -> Fetched | None:
        try:
            return fetched(f"{self.url}/{FEEDS[name]}", held, task)
        except http.HttpError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise AbsentError(error.message) from error
            raise


def fetched(url: str, held: Feed | None, task: Task) -> Fetched | None:
    """Fetch KEV or EPSS from an address; None when it is still what is held. Raises HttpError."""
    headers = conditions(held.etag, held.last_modified) if held and held.url == url else {}
    answer = http.get(url, headers=headers, max_bytes=archive.MAX_FEED, check=task.check)
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return None
    last_modified = answer.headers.get("last-modified", "")
    etag = answer.headers.get("etag", "")
    return Fetched(raw=answer.body, source=url, day=day(answer), url=url, etag=etag, last_modified=last_modified)


def conditions(etag: str, last_modified: str) -> dict[str, str]:
    """Return the headers that ask for it only if it is another one now."""
    asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {header: value for header, value in asked.items() if value}


def day(answer: http.Response) -> date | None:
    """Give the date of an answer's Last-Modified, in UTC."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("last-modified", ""))
        return (moment.replace(tzinfo=moment.tzinfo or UTC)).astimezone(UTC).date()
    except (ValueError, OverflowError):
        return None


def _list(folder: str, state: str, task: Task) -> http.Response:
    """Ask for the list of an export; where the mirror has only one for everything, take its lines out of that."""
    url = f"{folder}/{incremental.LIST}"
    headers = conditions(state, "") if state.startswith(('"', "W/")) else conditions("", state.removeprefix(_SEEN))
    try:
        return http.get(url, headers=headers, max_bytes=incremental.MAX_LIST, check=task.check)
    except http.HttpError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise WholeError(error.message) from error
    root, _slash, own = folder.rpartition("/")
    try:
        whole = http.get(f"{root}/{incremental.LIST}", max_bytes=incremental.MAX_LIST, check=task.check)
    except http.HttpError as error:
        raise WholeError(error.message) from error
    mark = f",{unquote(own)}/".encode()
    lines = b"\n".join(line for line in whole.body.splitlines() if mark in line)
    if not lines:
        raise WholeError(f"{root}/{incremental.LIST} has nothing of it")
    return replace(whole, body=lines, headers={**whole.headers, "etag": ""})


def _is_own(url: str, name: str) -> bool:
    return url.endswith(f"/{quote(name, safe='')}/{_ALL}")
