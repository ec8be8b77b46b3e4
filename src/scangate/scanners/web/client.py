"""A small HTTP/1.1 client for strangers: one connection per request, nothing followed, all capped.

`scangate.http` is for registries and platforms, which have a certificate to verify and speak by the book. Here the
certificate is the business of `tls`, and a server that answers oddly is what we came to see.
"""

import select
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Final

from scangate import __version__
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.connection import STEP, TIMEOUT, BrokenError, connect, receive
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.web.message import HEAD, Answer, parse

AGENT: Final = f"scangate/{__version__}"
BODY: Final = 64 * 2**10
"""Bytes read of a body unless the caller wants more."""
Headers = tuple[tuple[str, str], ...]


class NotHttpError(ScanError):
    """What answered does not speak HTTP."""


class NoTlsError(ScanError):
    """What answered does not speak TLS, or no version of it that we can."""


def authority(endpoint: Endpoint, *, tls: bool) -> str:
    """What Host says: the user's word for the host, and the port where it is not the scheme's own."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return host if endpoint.port == (443 if tls else 80) else f"{host}:{endpoint.port}"


def ask(  # noqa: PLR0913 - a request has that many parts
    endpoint: Endpoint,
    ctx: Context,
    path: str = "/",
    *,
    method: str = "GET",
    tls: bool = False,
    headers: Headers = (),
    body: bytes = b"",
    most: int = BODY,
    seconds: float = TIMEOUT,
) -> Answer:
    """Send one request and read its answer. `path` goes out as it is; a header named here replaces ours.

    Raises NotHttpError, NoTlsError, and what `connection.connect` and `receive` raise.
    """
    request = _request(endpoint, path, method=method, tls=tls, headers=headers, body=body)
    with session(endpoint, ctx, tls=tls) as talk:
        try:
            talk.settimeout(seconds)
            talk.sendall(request)
        except OSError as error:
            raise BrokenError(f"the connection broke: {error.strerror or error}") from None
        head = method == "HEAD"
        reader = _Reader(head=head)
        data = receive(talk, ctx, most=HEAD + most, ended=reader.ended, seconds=seconds)
    read = parse(data, head=head)
    if read is None:
        raise NotHttpError("its answer is not HTTP" if data else "it did not answer an HTTP request")
    answer, _complete = read
    return answer


@contextmanager
def session(endpoint: Endpoint, ctx: Context, *, tls: bool) -> Iterator[socket.socket]:
    """Connect, with TLS where asked. Raises NoTlsError besides what `connect` raises."""
    with connect(endpoint, ctx) as plain:
        if not tls:
            yield plain
            return
        with secure(plain, endpoint, ctx) as wrapped:
            yield wrapped


def secure(plain: socket.socket, endpoint: Endpoint, ctx: Context, seconds: float = TIMEOUT) -> ssl.SSLSocket:
    """Begin TLS on a connection, whatever the certificate; the socket given is spent. Raises NoTlsError."""
    name = endpoint.host if endpoint.named else None
    until = time.monotonic() + min(seconds, ctx.remaining)
    try:
        plain.setblocking(False)
        wrapped = _tls().wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be a server name
        raise NoTlsError(f"no TLS: {error}") from None
    try:
        _shake(wrapped, ctx, until)
    except BaseException:
        wrapped.close()
        raise
    wrapped.settimeout(max(0.01, min(seconds, ctx.remaining)))
    return wrapped


def _shake(wrapped: ssl.SSLSocket, ctx: Context, until: float) -> None:
    # By steps: a server that sends a byte now and then would keep a handshake with a timeout of its own going.
    poll = select.poll()
    poll.register(wrapped, select.POLLIN)
    while True:
        try:
            wrapped.do_handshake()
        except ssl.SSLWantReadError:
            poll.modify(wrapped, select.POLLIN)
        except ssl.SSLWantWriteError:
            poll.modify(wrapped, select.POLLOUT)
        except OSError as error:
            raise NoTlsError(f"no TLS: {getattr(error, 'reason', '') or error.strerror or error}") from None
        else:
            return
        ctx.check()
        if time.monotonic() > until:
            raise NoTlsError("no TLS: the handshake was not finished in time")
        poll.poll(int(STEP * 1000))


@cache
def _tls() -> ssl.SSLContext:
    """Everything that this OpenSSL can still speak: what is too weak is for `tls` to say, not a reason not to look."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(ssl.SSLError, ValueError):
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    return context


def _request(endpoint: Endpoint, path: str, *, method: str, tls: bool, headers: Headers, body: bytes) -> bytes:
    given = {name.lower() for name, _value in headers}
    own: Headers = (
        ("Host", authority(endpoint, tls=tls)),
        ("User-Agent", AGENT),
        ("Accept", "*/*"),
        ("Connection", "close"),
    )
    if body:
        own += (("Content-Length", str(len(body))),)
    sent = (*(each for each in own if each[0].lower() not in given), *headers)
    lines = (f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent))
    if any(character in line for line in lines for character in "\r\n\0"):
        raise ScanError("a request with a line break in it was not sent")
    return "\r\n".join((*lines, "", "")).encode("utf-8", "replace") + body


class _Reader:
    """Knows when an answer is complete, without reading all of it again for every piece that comes."""

    def __init__(self, *, head: bool) -> None:
        self._head = head
        self._wanted: int | None = None

    def ended(self, data: bytes) -> bool:
        if self._wanted is None:
            self._look(data)
        if self._wanted is None:
            return len(data) > HEAD
        if self._wanted:
            return len(data) >= self._wanted
        read = parse(data, head=self._head) if data.endswith((b"\n\r\n", b"\n\n")) else None
        return read is not None and read[1]

    def _look(self, data: bytes) -> None:
        """Set how many bytes there will be, once the headers say; 0 is as many as come."""
        if b"\n\r\n" not in data and b"\n\n" not in data:
            return
        read = parse(data, head=self._head)
        if read is None:
            return
        answer, complete = read
        length = "" if answer.chunked else "".join(answer.all("content-length")[:1])
        known = length.isascii() and length.isdigit() and len(length) < 16  # noqa: PLR2004 - no body has petabytes
        self._wanted = len(data) if complete else len(data) - len(answer.body) + int(length) if known else 0
