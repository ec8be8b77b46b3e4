"""A call to GitHub's API: tried again when GitHub is busy or asks to wait, never because it said no."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from scangate import http
from scangate.core.text import clean
from scangate.http import HttpError, Limits, Response
from scangate.reporters.outline import line
from scangate.uploading.environment import Destination

_VERSION: Final = "2022-11-28"
_ANSWER: Final = 2**20
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: `call` for one try, `between` two looks at an upload, `processing` for GitHub to be done with it.

    `first_wait` doubles from try to try; GitHub may ask for more, up to `longest_wait`.
    """

    call: float = 120.0
    tries: int = 4
    first_wait: float = 2.0
    longest_wait: float = 120.0
    between: float = 5.0
    processing: float = 120.0


def send(to: Destination, path: str, body: bytes, patience: Patience) -> Any:
    """POST a body that GitHub may get twice: the second of two equal uploads replaces the first. Raises HttpError."""

    def call(limits: Limits) -> Response:
        return http.post(f"{to.api}{path}", body, headers=_headers(to), max_bytes=_ANSWER, limits=limits)

    return _patiently(call, patience)


def ask(to: Destination, path: str, patience: Patience) -> Any:
    """GET a document. Raises HttpError."""

    def call(limits: Limits) -> Response:
        return http.get(f"{to.api}{path}", headers=_headers(to), max_bytes=_ANSWER, limits=limits)

    return _patiently(call, patience)


def said(error: HttpError) -> str:
    """Return what GitHub itself says of a refusal; empty when it says nothing."""
    try:
        answer = json.loads(error.body)
    except (ValueError, RecursionError):
        return ""
    message = answer.get("message") if isinstance(answer, dict) else None
    return plain(message) if isinstance(message, str) else ""


def plain(text: str, limit: int = 1_000) -> str:
    """One line of an answer: no secret, nothing that a terminal or a runner obeys."""
    return line(clean(text, limit), limit)


def throttled(error: HttpError) -> bool:
    """Whether a refusal is about how often, not about who: GitHub answers both with 403."""
    return error.status == HTTPStatus.FORBIDDEN and (
        "retry-after" in error.headers or error.headers.get("x-ratelimit-remaining") == "0"
    )


def _patiently(call: Callable[[Limits], Response], patience: Patience) -> Any:
    limits = Limits(deadline=patience.call, read=patience.call, tries=1)
    wait = patience.first_wait
    for left in reversed(range(patience.tries)):
        try:
            return _document(call(limits))
        except HttpError as error:
            wanted = _wish(error)
            if not left or wanted is None or (pause := max(wanted, wait)) > patience.longest_wait:
                raise
        time.sleep(pause)
        wait *= 2
    raise HttpError("GitHub was not asked: no try was allowed")


def _wish(error: HttpError) -> float | None:
    """Seconds to wait before another try; None where another would change nothing."""
    if error.status in _PASSING or throttled(error):
        told = error.headers.get("retry-after", "")
        return float(told) if told.isdecimal() and len(told) < 7 else error.retry_after or 0.0  # noqa: PLR2004 - digits
    return error.retry_after if not error.status else None


def _document(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError) as error:
        message = f"GitHub's answer of status {response.status} is no JSON"
        raise HttpError(message, advice="check GITHUB_API_URL") from error


def _headers(to: Destination) -> Mapping[str, str]:
    return {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {to.token}",
        "X-GitHub-Api-Version": _VERSION,
    }
