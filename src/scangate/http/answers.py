"""What comes back from a call, and how long it may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from scangate.errors import ScanError


class HttpError(ScanError):
    """A call that did not succeed. `status` is that of the answer, 0 when there was none.

    `retry_after`: seconds after which a repeated call may succeed, None when it would not. `headers` (names in lower
    case) and `body` (its first bytes) are those of the answer: as hostile as any, and not part of the message.
    """

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        status: int = 0,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        self.body = body

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.message, self.advice, self.status, self.retry_after, self.headers, self.body)


def _rebuild(
    message: str, advice: str, status: int, retry_after: float | None, headers: dict[str, str], body: bytes
) -> HttpError:
    return HttpError(message, advice=advice, status=status, retry_after=retry_after, headers=headers, body=body)


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


def shown(url: str) -> str:
    """The address without user, password and query: those may be secrets."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:300]
    except ValueError:
        return "the address"
