"""One web server while it is looked at: how it is asked, how often it was, and what its front page is."""

import secrets
from dataclasses import dataclass, field
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.connection import BrokenError, UnreachableError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.web.client import BODY, Headers, NotHttpError, NoTlsError, ask
from scangate.scanners.web.message import Answer
from scangate.scanners.web.page import Page

LOST: Final = 5
"""Requests in a row that may come to nothing before a server counts as gone."""


class UsedUpError(ScanError):
    """All requests that one server may be sent were sent."""


class GoneError(ScanError):
    """A server that spoke HTTP stopped answering."""


@dataclass
class Visit:
    """`front` is the answer to `/`; `pages` are all that the crawl read, the front page among them."""

    endpoint: Endpoint
    ctx: Context
    tls: bool
    limit: int
    front: Answer = field(default_factory=lambda: Answer(status=0))
    pages: list[Page] = field(default_factory=list)
    sent: int = 0
    _lost: int = 0
    _missing: dict[str, Answer | None] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return self.endpoint.where

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    def get(
        self, path: str, *, method: str = "GET", headers: Headers = (), most: int = BODY, tls: bool | None = None
    ) -> Answer | None:
        """Ask; None when the answer is none. Raises UsedUpError, GoneError, and what ends a scan."""
        if self.sent >= self.limit:
            raise UsedUpError(f"the {self.limit} requests that one server may be sent were used up")
        self.sent += 1
        use = self.tls if tls is None else tls
        try:
            answer = ask(self.endpoint, self.ctx, path, method=method, tls=use, headers=headers, most=most)
        except (NotHttpError, NoTlsError, BrokenError, UnreachableError) as error:
            self._lost += 1
            if self._lost >= LOST:
                raise GoneError(f"it stopped answering after {self.sent} requests: {error.message}") from None
            return None
        self._lost = 0
        return answer

    def is_soft_404(self, path: str, answer: Answer) -> bool:
        """Whether a path that cannot exist, in the same folder and with the same ending, gets the same answer."""
        folder, _slash, name = path.partition("?")[0].rpartition("/")
        ending = name[name.rfind(".") :] if "." in name[1:] else ""
        hidden = "." if name.startswith(".") else ""
        key = f"{folder}/{hidden}*{ending}"
        if key not in self._missing:
            self._missing[key] = self.get(f"{folder}/{hidden}{secrets.token_hex(8)}{ending}", most=BODY)
        missing = self._missing[key]
        return missing is not None and missing.status == answer.status and missing.kind == answer.kind and (
            missing.body == answer.body or _alike(missing.body, answer.body)
        )  # fmt: skip


def _alike(one: bytes, other: bytes) -> bool:
    """Whether two bodies are one page that repeats the path it was asked for: nearly the same words."""
    if abs(len(one) - len(other)) > max(64, len(one) // 10):
        return False
    ours, theirs = set(one.split()[:5_000]), set(other.split()[:5_000])
    return bool(ours) and len(ours & theirs) * 10 >= 9 * max(len(ours), len(theirs))
