"""One try of a call, in a thread of its own.

No timeout of a socket covers name resolution, or a server that sends a byte now and then. Whoever waits can stop at
once; a thread left behind ends with its connection.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from scangate import __version__
from scangate.http.answers import HttpError, Limits, Response, shown

if TYPE_CHECKING:
    import requests

POLL: Final = 0.1
"""Seconds between two looks at whether to go on."""
MAX_COMPLAINT: Final = 4096
"""Bytes kept of the body of an answer that is an error."""
_CHUNK: Final = 2**18
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({429, 502, 503, 504})
_WITH_BODY: Final = frozenset({307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. With a `body` it is a POST; `socket` is the path of a unix socket."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    socket: str = ""


class Line:
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
                return self._queue.put(said, timeout=POLL)
        return None


@contextlib.contextmanager
def asked(request: Request, limits: Limits, end: float) -> Iterator[Line]:
    """Ask in a thread; yield the line it speaks on. `end` is on the monotonic clock."""
    line = Line()
    threading.Thread(target=_ask, args=(request, limits, end, line), name="http", daemon=True).start()
    try:
        yield line
    finally:
        line.gone.set()


def _ask(request: Request, limits: Limits, end: float, line: Line) -> None:
    import requests
    import urllib3

    url = shown(request.url)
    try:
        with _follow(request, limits, end) as answer:
            line.put(_head(answer))
            # As it arrives: read() would wait for a whole chunk from a server that sends a byte now and then.
            while not line.gone.is_set() and (chunk := answer.raw.read1(_CHUNK)):
                line.put(chunk)
            line.put(line)
    except HttpError as error:
        line.put(error)
    except ValueError as error:
        line.put(HttpError(f"{url} cannot be asked: {error}", advice="check the address"))
    except requests.exceptions.SSLError as error:
        advice = "if its certificate is from an authority of your own, name that one's file in REQUESTS_CA_BUNDLE"
        line.put(HttpError(f"{url} has no certificate that can be trusted: {error}", advice=advice))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        line.put(HttpError(f"{url} did not answer: {error}", advice="check the network", retry_after=0.0))


def _follow(request: Request, limits: Limits, end: float) -> "requests.Response":
    """Ask, and follow redirects. The answer is open, and is a 2xx or 304."""
    url, headers = request.url, dict(request.headers)
    for _hop in range(limits.redirects + 1):
        if urlsplit(url).scheme not in {"http", "https"}:
            raise HttpError(f"{shown(url)} is not asked: only http and https are", advice="check the address")
        answer = _answer(request, url, headers, limits, end)
        if answer.status_code == HTTPStatus.NOT_MODIFIED or (answer.ok and answer.status_code not in _REDIRECTS):
            return answer
        with answer:
            if answer.status_code not in _REDIRECTS or not (place := answer.headers.get("location")):
                raise _refused(url, answer)
        before, url = urlsplit(url), urljoin(url, place)
        after = urlsplit(url)
        if before.scheme == "https" and after.scheme == "http":
            message = f"{shown(request.url)} leads from https to http, at {shown(url)}"
            raise HttpError(message, advice="ask for the https address")
        if before.netloc != after.netloc:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        if request.body is not None and (before.netloc != after.netloc or answer.status_code not in _WITH_BODY):
            message = f"{shown(request.url)} leads to {shown(url)}, where what was asked is not sent"
            raise HttpError(message, status=answer.status_code, advice="check the address")
    raise HttpError(
        f"{shown(request.url)} leads on and on: more than {limits.redirects} redirects", advice="check the address"
    )


def _answer(request: Request, url: str, headers: dict[str, str], limits: Limits, end: float) -> "requests.Response":
    left = max(0.1, end - time.monotonic())
    return _session(request.socket).request(
        "GET" if request.body is None else "POST",
        url,
        headers=headers,
        data=request.body,
        # Or else requests puts what a .netrc says of this host in the place of what the caller says.
        auth=(lambda prepared: prepared) if any(name.lower() == "authorization" for name in headers) else None,
        timeout=(min(limits.connect, left), min(limits.read, left)),
        stream=True,
        allow_redirects=False,
    )


@cache
def _session(socket: str) -> "requests.Session":
    import requests

    session = requests.Session()
    session.headers.update({"User-Agent": f"scangate/{__version__}", "Accept-Encoding": "identity"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    if socket:
        from scangate.http.unix import UnixAdapter

        session.mount("http://", UnixAdapter(socket))
    return session


def _head(answer: "requests.Response") -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if headers.get("content-encoding", "identity") != "identity":
        raise HttpError(f"{shown(answer.url)} came compressed, which was not asked for")
    return Response(url=answer.url, status=answer.status_code, headers=headers)


def _refused(url: str, answer: "requests.Response") -> HttpError:
    status = answer.status_code
    after = _retry_after(answer.headers.get("retry-after", "")) if status in _PASSING else None
    wish = f", and asks to wait {after:.0f} s" if after else ""
    advice = "check the address, and that it may be read" if after is None else "try again later, or use a mirror"
    return HttpError(
        f"{shown(url)} answered {status}{wish}",
        advice=advice,
        status=status,
        retry_after=after,
        headers={name.lower(): value for name, value in answer.headers.items()},
        body=_complaint(answer),
    )


def _complaint(answer: "requests.Response") -> bytes:
    import requests
    import urllib3

    with contextlib.suppress(requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
        return bytes(answer.raw.read1(MAX_COMPLAINT))
    return b""


def _retry_after(text: str) -> float:
    """Read seconds from now, given as a number or as a date; 0 when it says neither."""
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return 0.0
