"""The only place that speaks HTTP: one session, deadlines, bounded retries, size caps, and SCANGATE_OFFLINE.

Only GET is offered, so every call may be repeated. Redirects are followed here rather than by requests: a bounded
number, never from https to http, and never to anything but http and https. Proxies and CA files come from the
environment (HTTPS_PROXY, REQUESTS_CA_BUNDLE); TLS is always verified.

A call runs in a thread of its own, because no timeout of a socket covers name resolution, or a server that sends a byte
now and then. Whoever waits here can stop at once; a thread left behind ends with its connection.
"""

import contextlib
import io
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from scangate import __version__
from scangate.errors import ScanError

if TYPE_CHECKING:
    import requests

MAX_BODY: Final = 64 * 2**20
"""Bytes of a body that `get` takes unless told otherwise."""
_CHUNK: Final = 2**18
_POLL: Final = 0.1
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({429, 502, 503, 504})


class HttpError(ScanError):
    """A call that did not succeed. `status` is that of the answer, 0 when there was none.

    `retry_after`: seconds after which a repeated call may succeed, None when it would not.
    """

    def __init__(self, message: str, *, advice: str = "", status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.message, self.advice, self.status, self.retry_after)


def _rebuild(message: str, advice: str, status: int, retry_after: float | None) -> HttpError:
    return HttpError(message, advice=advice, status=status, retry_after=retry_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, and numbers of tries and hops. `longest_wait` also bounds what a server may ask for with Retry-After."""

    deadline: float = 60.0
    connect: float = 10.0
    read: float = 20.0
    tries: int = 4
    first_wait: float = 0.5
    longest_wait: float = 30.0
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A 2xx or 304 answer. `url` is where it came from in the end; header names are in lower case.

    `body` is empty when it was downloaded; `size` is its bytes in any case.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    size: int = 0


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BODY,
    limits: Limits | None = None,
    check: Callable[[], None] = lambda: None,
) -> Response:
    """Fetch a small document. `check` is called about ten times a second, and may raise to stop. Raises HttpError."""
    body = io.BytesIO()
    response = download(url, body, headers=headers, max_bytes=max_bytes, limits=limits, check=check)
    return replace(response, body=body.getvalue())


def download(
    url: str,
    into: IO[bytes],
    *,
    headers: Mapping[str, str] | None = None,
    max_bytes: int,
    limits: Limits | None = None,
    check: Callable[[], None] = lambda: None,
) -> Response:
    """Fetch into a seekable file, from where it stands; a repeated try starts there again. Raises HttpError."""
    limits = limits or Limits()
    if os.environ.get("SCANGATE_OFFLINE", "").lower() not in {"", "0", "false", "no"}:
        raise HttpError(f"{_shown(url)} was not asked: scangate is offline", advice="unset SCANGATE_OFFLINE")
    start, end = into.tell(), time.monotonic() + limits.deadline
    for attempt in range(1, limits.tries + 1):
        into.seek(start)
        into.truncate()
        try:
            return _try(url, into, headers or {}, max_bytes, limits=limits, end=end, check=check)
        except HttpError as error:
            if error.retry_after is None or attempt == limits.tries:
                raise
            backoff = min(limits.first_wait * 2 ** (attempt - 1), limits.longest_wait)
            wait = max(error.retry_after, backoff)
            if wait > limits.longest_wait or time.monotonic() + wait >= end:
                raise
            _sleep(wait, check)
    raise HttpError(f"{_shown(url)} was not asked: no try was allowed")


def _sleep(seconds: float, check: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check()
        time.sleep(min(_POLL, left))


def _try(
    url: str,
    into: IO[bytes],
    headers: Mapping[str, str],
    max_bytes: int,
    *,
    limits: Limits,
    end: float,
    check: Callable[[], None],
) -> Response:
    """Ask once, in a thread, and write what it brings."""
    line, start, size = _Line(), into.tell(), 0
    response: Response | None = None
    threading.Thread(target=_ask, args=(url, dict(headers), limits, end, line), name="http", daemon=True).start()
    try:
        while True:
            check()
            if (left := end - time.monotonic()) <= 0:
                advice = "the server or the network is too slow; try again, or use a mirror"
                raise HttpError(f"{_shown(url)} did not answer completely within {limits.deadline:g} s", advice=advice)
            match line.take(min(_POLL, left)):
                case HttpError() as error:
                    raise error
                case Response() as head:
                    response, size = head, _length(head)
                case bytes() as chunk:
                    into.write(chunk)
                    size = into.tell() - start
                case _Line() if response:
                    return replace(response, size=size)
            if size > max_bytes:
                raise HttpError(f"{_shown(url)} is larger than {max_bytes} bytes, the most that is taken")
    finally:
        line.gone.set()


class _Line:
    """What the asking thread says: a Response, then bytes, then the line itself as the end; or an HttpError."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self._queue: queue.Queue[object] = queue.Queue(maxsize=8)

    def take(self, timeout: float) -> object:
        with contextlib.suppress(queue.Empty):
            return self._queue.get(timeout=timeout)
        return None

    def put(self, said: object) -> None:
        while not self.gone.is_set():
            with contextlib.suppress(queue.Full):
                return self._queue.put(said, timeout=_POLL)
        return None


def _ask(url: str, headers: dict[str, str], limits: Limits, end: float, line: _Line) -> None:
    import requests
    import urllib3

    try:
        with _follow(url, headers, limits, end) as answer:
            line.put(_head(answer))
            # As it arrives: read() would wait for a whole chunk from a server that sends a byte now and then.
            while not line.gone.is_set() and (chunk := answer.raw.read1(_CHUNK)):
                line.put(chunk)
            line.put(line)
    except HttpError as error:
        line.put(error)
    except ValueError as error:
        line.put(HttpError(f"{_shown(url)} cannot be asked: {error}", advice="check the address"))
    except requests.exceptions.SSLError as error:
        advice = "if its certificate is from an authority of your own, name that one's file in REQUESTS_CA_BUNDLE"
        line.put(HttpError(f"{_shown(url)} has no certificate that can be trusted: {error}", advice=advice))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        line.put(HttpError(f"{_shown(url)} did not answer: {error}", advice="check the network", retry_after=0.0))


def _follow(url: str, headers: dict[str, str], limits: Limits, end: float) -> "requests.Response":
    """Ask, and follow redirects. The answer is open, and is a 2xx or 304."""
    asked = url
    for _hop in range(limits.redirects + 1):
        if urlsplit(asked).scheme not in {"http", "https"}:
            raise HttpError(f"{_shown(asked)} is not asked: only http and https are", advice="check the address")
        left = max(0.1, end - time.monotonic())
        timeout = (min(limits.connect, left), min(limits.read, left))
        answer = _session().get(asked, headers=headers, timeout=timeout, stream=True, allow_redirects=False)
        if answer.status_code == HTTPStatus.NOT_MODIFIED or (answer.ok and answer.status_code not in _REDIRECTS):
            return answer
        answer.close()
        if answer.status_code not in _REDIRECTS or not (place := answer.headers.get("location")):
            raise _refused(asked, answer)
        before, asked = urlsplit(asked), urljoin(asked, place)
        if before.scheme == "https" and urlsplit(asked).scheme == "http":
            raise HttpError(
                f"{_shown(url)} leads from https to http, at {_shown(asked)}", advice="ask for the https address"
            )
        if before.netloc != urlsplit(asked).netloc:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    raise HttpError(
        f"{_shown(url)} leads on and on: more than {limits.redirects} redirects", advice="check the address"
    )


@cache
def _session() -> "requests.Session":
    import requests

    session = requests.Session()
    session.headers.update({"User-Agent": f"scangate/{__version__}", "Accept-Encoding": "identity"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return session


def _head(answer: "requests.Response") -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if headers.get("content-encoding", "identity") != "identity":
        raise HttpError(f"{_shown(answer.url)} came compressed, which was not asked for")
    return Response(url=answer.url, status=answer.status_code, headers=headers)


def _length(response: Response) -> int:
    told = response.headers.get("content-length", "")
    return int(told) if told.isdecimal() and len(told) < 19 else 0  # noqa: PLR2004 - digits of 2**63


def _refused(url: str, answer: "requests.Response") -> HttpError:
    status = answer.status_code
    after = _retry_after(answer.headers.get("retry-after", "")) if status in _PASSING else None
    wish = f", and asks to wait {after:.0f} s" if after else ""
    advice = "try again later, or use a mirror" if after is not None else "check the address, and that it may be read"
    return HttpError(f"{_shown(url)} answered {status}{wish}", status=status, retry_after=after, advice=advice)


def _retry_after(text: str) -> float:
    """Read seconds from now, given as a number or as a date; 0 when it says neither."""
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return 0.0


def _shown(url: str) -> str:
    """The address without user, password and query: those may be secrets."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:300]
    except ValueError:
        return "the address"
