"""One call: tried several times, within its deadline, and gone on with where a connection broke."""

import io
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import IO, Final

from scangate.http.answers import HttpError, Limits, Response, shown
from scangate.http.connection import POLL, Line, Request, asked

MAX_BODY: Final = 64 * 2**20
"""Bytes of a body that `get` and `post` take unless told otherwise."""
_HEADWAY: Final = 2**20
"""Bytes that make a broken try not count, when it can be gone on with: it was no failure, and there will be an end."""
_NO_RANGE: Final = frozenset({HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, HTTPStatus.PRECONDITION_FAILED})


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BODY,
    limits: Limits | None = None,
    check: Callable[[], None] = lambda: None,
    socket: str = "",
) -> Response:
    """Fetch a small document. `check` is called about ten times a second, and may raise to stop. Raises HttpError."""
    request = Request(url=url, headers=headers or {}, socket=socket)
    return _document(request, max_bytes, limits or Limits(), check)


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BODY,
    limits: Limits | None = None,
    check: Callable[[], None] = lambda: None,
) -> Response:
    """Ask with a body, JSON unless `headers` has a Content-Type. Only for what may be asked twice. Raises HttpError."""
    headers = {"Content-Type": "application/json"} | dict(headers or {})
    return _document(Request(url=url, headers=headers, body=body), max_bytes, limits or Limits(), check)


def download(
    url: str,
    into: IO[bytes],
    *,
    headers: Mapping[str, str] | None = None,
    max_bytes: int,
    limits: Limits | None = None,
    check: Callable[[], None] = lambda: None,
    socket: str = "",
    resume: bool = False,
) -> Response:
    """Fetch into a seekable file, from where it stands; a repeated try starts there again. Raises HttpError.

    With `resume` a try goes on where the one before broke, and where an earlier call with the same file broke: what the
    file holds behind where it stands is taken for the start of the body. Only for a body that the caller verifies.
    """
    request = Request(url=url, headers=headers or {}, socket=socket)
    return _call(_Body(into, max_bytes, resume), request, limits or Limits(), check)


def _document(request: Request, max_bytes: int, limits: Limits, check: Callable[[], None]) -> Response:
    content = io.BytesIO()
    response = _call(_Body(content, max_bytes, resume=False), request, limits, check)
    return replace(response, body=content.getvalue())


def _call(body: "_Body", request: Request, limits: Limits, check: Callable[[], None]) -> Response:
    if not request.socket and os.environ.get("SCANGATE_OFFLINE", "").lower() not in {"", "0", "false", "no"}:
        raise HttpError(f"{shown(request.url)} was not asked: scangate is offline", advice="unset SCANGATE_OFFLINE")
    end, tries = time.monotonic() + limits.deadline, 0
    while tries < limits.tries:
        tries += 1
        before = body.longest
        try:
            return _try(body, request, limits, end, check)
        except HttpError as error:
            if error.status in _NO_RANGE and body.size:
                body.begin()
                continue
            if body.longest - before >= _HEADWAY and body.resume:
                tries = 0
            if error.retry_after is None or tries == limits.tries:
                raise
            backoff = min(limits.first_wait * 2 ** max(0, tries - 1), limits.longest_wait)
            wait = max(error.retry_after, backoff)
            if wait > limits.longest_wait or time.monotonic() + wait >= end:
                raise
            _sleep(wait, check)
    raise HttpError(f"{shown(request.url)} was not asked: no try was allowed")


def _sleep(seconds: float, check: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check()
        time.sleep(min(POLL, left))


def _try(body: "_Body", request: Request, limits: Limits, end: float, check: Callable[[], None]) -> Response:
    """Ask once, and write what it brings."""
    url = shown(request.url)
    response: Response | None = None
    request = replace(request, headers=dict(request.headers) | body.rest())
    with asked(request, limits, end) as line:
        while True:
            check()
            if (left := end - time.monotonic()) <= 0:
                advice = "the server or the network is too slow; try again, or use a mirror"
                raise HttpError(f"{url} did not answer completely within {limits.deadline:g} s", advice=advice)
            match line.take(min(POLL, left)):
                case HttpError() as error:
                    raise error
                case Response() as head:
                    response = head
                    body.accept(head)
                case bytes() as chunk:
                    body.write(chunk)
                case Line() if response:
                    return replace(response, size=body.size)
            if body.size > body.max_bytes or body.announced > body.max_bytes:
                raise HttpError(f"{url} is larger than {body.max_bytes} bytes, the most that is taken")


@dataclass(slots=True)
class _Body:
    """The file a body is written to. `size` is what it holds of it, `longest` the most it ever did."""

    into: IO[bytes]
    max_bytes: int
    resume: bool
    start: int = 0
    size: int = 0
    longest: int = 0
    announced: int = 0
    etag: str = ""

    def __post_init__(self) -> None:
        self.start = self.into.tell()
        if self.resume:
            self.size = self.longest = self.into.seek(0, io.SEEK_END) - self.start

    def rest(self) -> dict[str, str]:
        """Return the headers that ask for what is missing only; without `resume` begin again."""
        if not self.resume or not self.size:
            self.begin()
            return {}
        self.into.seek(self.start + self.size)
        return {"Range": f"bytes={self.size}-"} | ({"If-Range": self.etag} if self.etag else {})

    def accept(self, head: Response) -> None:
        """Look at where the answer begins. A server may always send the whole."""
        if head.status == HTTPStatus.PARTIAL_CONTENT:
            if not head.headers.get("content-range", "").startswith(f"bytes {self.size}-") or not self.size:
                raise HttpError(f"{shown(head.url)} sent another part than was asked for", retry_after=0.0)
        elif self.size:
            self.begin()
        etag = head.headers.get("etag", "")
        self.etag = "" if etag.startswith("W/") else etag
        told = head.headers.get("content-length", "")
        self.announced = self.size + (int(told) if told.isdecimal() and len(told) < 19 else 0)  # noqa: PLR2004 - digits of 2**63

    def write(self, chunk: bytes) -> None:
        self.into.write(chunk)
        self.size += len(chunk)
        self.longest = max(self.longest, self.size)

    def begin(self) -> None:
        self.into.seek(self.start)
        self.into.truncate()
        self.size = self.announced = 0
