"""HTTP/1.1 answers, read from bytes that a stranger sent: a status line, headers with their duplicates, a body."""

import re
from dataclasses import dataclass
from typing import Final

HEAD: Final = 64 * 2**10
"""Bytes of a status line with its headers; what is longer is no answer to us."""
HEADERS: Final = 200
"""Headers kept of one answer."""
_STATUS: Final = re.compile(rb"HTTP/(\d)\.(\d) (\d{3})(?: ([^\r\n]{0,200}))?")
_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[^\r\n]{0,1000}\r?\n")
_NO_BODY: Final = frozenset({204, 304})
_SWITCHING, _OK = 101, 200
_DIGITS: Final = 15
"""Of a length: no body has petabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. Header names are lower-case; `body` is what came of it, `cut` when that is not all."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: bool = False

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, in order."""
        return tuple(value for each, value in self.headers if each == name)

    def get(self, name: str) -> str:
        """The values of a header as one list, as RFC 9110 reads them."""
        return ", ".join(self.all(name))

    @property
    def chunked(self) -> bool:
        return "chunked" in self.get("transfer-encoding").lower()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def kind(self) -> str:
        """The media type, without its parameters: text/html."""
        return next(iter(self.all("content-type")), "").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        return self.kind in ("text/html", "application/xhtml+xml") or (not self.kind and self.looks_like_html)

    @property
    def looks_like_html(self) -> bool:
        """Whether the body begins as a page does: many servers call every file `text/html`."""
        return self.body[:1000].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def parse(data: bytes, *, head: bool = False) -> tuple[Answer, bool] | None:
    """Read what has come so far: the answer, and whether it is complete. None while it is none, or never will be.

    Interim answers (1xx) are skipped. `head`: it answers HEAD, and has no body whatever its headers say.
    """
    start = 0
    for _interim in range(4):
        begun = _STATUS.match(data, start)
        blank = _BLANK.search(data, start, start + HEAD)
        if begun is None or blank is None:
            return None
        status = int(begun[3])
        if status >= _OK or status == _SWITCHING:
            break
        start = blank.end()
    else:
        return None
    headers = _headers(data[begun.end() : blank.start()])
    answer = Answer(status=status, reason=(begun[4] or b"").decode("latin-1").strip(), headers=headers)
    if head or status in _NO_BODY or status < _OK:
        return answer, True
    body, complete = _body(data, blank.end(), answer)
    return (
        Answer(status=status, reason=answer.reason, headers=headers, body=body, cut=not complete),
        complete,
    )


def _headers(data: bytes) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for line in data.split(b"\n"):
        name, colon, value = line.strip(b"\r").partition(b":")
        if not colon or not name.strip():
            continue
        found.append((name.strip().decode("latin-1").lower()[:200], value.strip().decode("utf-8", "replace")[:4_000]))
        if len(found) == HEADERS:
            break
    return tuple(found)


def _body(data: bytes, start: int, answer: Answer) -> tuple[bytes, bool]:
    if answer.chunked:
        return _chunks(data, start)
    length = answer.all("content-length")[:1]
    if length and length[0].isascii() and length[0].isdigit() and len(length[0]) <= _DIGITS:
        wanted = int(length[0])
        body = data[start : start + wanted]
        return body, len(body) == wanted
    return data[start:], False  # it ends with the connection


def _chunks(data: bytes, start: int) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    while True:
        size = _SIZE.match(data, start)
        if size is None:
            return b"".join(pieces), False
        length = int(size[1], 16)
        if not length:
            return b"".join(pieces), True
        piece = data[size.end() : size.end() + length]
        pieces.append(piece)
        if len(piece) < length:
            return b"".join(pieces), False
        start = size.end() + length
        start += 2 if data[start : start + 2] == b"\r\n" else 1 if data[start : start + 1] == b"\n" else 0
