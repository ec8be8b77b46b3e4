"""A conversation with a database: exact reads with a cap on each and on all, and TLS where it is begun."""

import socket
import ssl
import time
from types import TracebackType
from typing import Final, Self

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.connection import STEP, BrokenError, connect
from scangate.scanners.network.endpoints import Endpoint

SECONDS: Final = 10.0
"""For one answer, however it trickles in: more than any statement of ours may take."""
MESSAGE: Final = 2**20
"""Bytes of one message."""
MOST: Final = 8 * 2**20
"""Bytes of one conversation."""


class NotSpokenError(ScanError):
    """What answers does not speak the protocol of the database it was taken for."""


class LoginError(ScanError):
    """The account was refused, or logging in would have been unsafe."""


class Conversation:
    """One connection. Use it with `with`."""

    def __init__(self, endpoint: Endpoint, trust: Trust, ctx: Context) -> None:
        self._socket: socket.socket = connect(endpoint, ctx)
        self._endpoint = endpoint
        self._trust = trust
        self._ctx = ctx
        self._ahead = b""
        self._heard = 0
        self._until = 0.0
        self.in_tls = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    @property
    def may_tell(self) -> bool:
        """Whether a password itself may be sent here."""
        return self.in_tls or self._trust.cleartext

    def say(self, data: bytes) -> None:
        """Send, and begin to wait for the answer. Raises BrokenError."""
        self._ctx.check()
        self._until = time.monotonic() + min(SECONDS, self._ctx.remaining)
        try:
            self._socket.settimeout(max(0.01, min(SECONDS, self._ctx.remaining)))
            self._socket.sendall(data)
        except OSError as error:
            raise BrokenError(f"the connection broke: {error.strerror or error}") from None

    def read(self, count: int) -> bytes:
        """Read exactly so many bytes. Raises NotSpokenError for more than a message has, BrokenError when it ends."""
        if not 0 <= count <= MESSAGE:
            raise NotSpokenError(f"a message of {count} bytes is more than the {MESSAGE} that are read")
        pieces, size = [self._ahead], len(self._ahead)
        while size < count:
            piece = self._more()
            pieces.append(piece)
            size += len(piece)
        data = b"".join(pieces)
        self._ahead = data[count:]
        return data[:count]

    def line(self, most: int = 65_536) -> bytes:
        """Read up to a line feed, without it or the carriage return before it."""
        data = bytearray(self._ahead)
        while (end := data.find(b"\n")) < 0:
            if len(data) > most:
                raise NotSpokenError(f"a line of more than {most} bytes")
            data += self._more()
        self._ahead = bytes(data[end + 1 :])
        return bytes(data[:end]).removesuffix(b"\r")

    def begin_tls(self) -> None:
        """Go on in TLS. What came before it in clear text is not believed. Raises LoginError."""
        self._ahead = b""
        until = time.monotonic() + min(SECONDS, self._ctx.remaining)
        try:
            self._socket.settimeout(STEP)
            wrapped = self._trust.tls.wrap_socket(
                self._socket, server_hostname=self._endpoint.host, do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            raise BrokenError(f"TLS did not begin: {error}") from None
        self._socket = wrapped
        while True:
            try:
                wrapped.do_handshake()
                break
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._ctx.check()
                if time.monotonic() > until:
                    raise BrokenError("TLS did not begin in time") from None
            except ssl.SSLCertVerificationError as error:
                raise LoginError(
                    f"not logged in: its certificate is not trusted: {error.verify_message}",
                    advice="name who signed it with `trust`, or set `verify: false`",
                ) from None
            except OSError as error:
                raise BrokenError(f"TLS did not begin: {getattr(error, 'reason', '') or error}") from None
        self.in_tls = True

    def _more(self) -> bytes:
        while True:
            self._ctx.check()
            left = self._until - time.monotonic() if self._until else SECONDS
            self._until = self._until or time.monotonic() + SECONDS
            if left <= 0:
                raise BrokenError(f"no answer within {SECONDS:g} s")
            self._socket.settimeout(max(0.01, min(STEP, left)))
            try:
                piece = self._socket.recv(65_536)
            except (TimeoutError, ssl.SSLWantReadError):
                continue
            except OSError as error:
                raise BrokenError(f"the connection broke: {error.strerror or error}") from None
            break
        self._heard += len(piece)
        if self._heard > MOST:
            raise BrokenError(f"more than the {MOST} bytes that are read of one database")
        if not piece:
            raise BrokenError("the connection was closed in the middle")
        return piece


def refused(account: Account, said: str) -> LoginError:
    """Say that an account was not let in, by the name of its variable."""
    variable = f"{account.source.removesuffix('_PASSWORD')}_USER"
    told = said.replace(account.user, f"${variable}") if account.user else said
    return LoginError(f"the login of {variable} was refused: {account.hide(told)[:200]}")
