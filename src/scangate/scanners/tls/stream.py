"""A connected socket that is read to the byte, within a time and a size that no server can stretch."""

import socket
import time
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context

SECONDS: Final = 4.0
"""For one answer, from the first byte that is waited for to the last."""
MOST: Final = 512 * 2**10
"""Bytes read of one connection."""
_STEP: Final = 0.2
"""Seconds between looks at whether the user interrupted."""


class EndedError(ScanError):
    """The server closed the connection."""


class SilentError(ScanError):
    """Nothing, or not enough, came in time."""


class MalformedError(ScanError):
    """What came is not what the protocol says, or more than is read."""


class Stream:
    """One conversation. `seconds` are allowed for each answer, `most` bytes for all of them."""

    def __init__(self, source: socket.socket, ctx: Context, seconds: float = SECONDS, most: int = MOST) -> None:
        self._source = source
        self._ctx = ctx
        self._seconds = seconds
        self._left = most
        self._held = bytearray()
        self._until = time.monotonic() + seconds

    def send(self, data: bytes) -> None:
        """Send, and begin to wait for a new answer. Raises EndedError."""
        self._until = time.monotonic() + self._seconds
        try:
            self._source.settimeout(self._seconds)
            self._source.sendall(data)
        except OSError as error:
            raise EndedError(f"the connection broke: {error.strerror or error}") from None

    def take(self, count: int) -> bytes:
        """Read exactly so many bytes. Raises EndedError, SilentError, MalformedError."""
        while len(self._held) < count:
            self._fill()
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def line(self, longest: int = 2_000) -> bytes:
        """Read one line, without its end. Raises as `take`."""
        while (end := self._held.find(b"\n")) < 0:
            if len(self._held) > longest:
                raise MalformedError(f"sent a line of more than {longest:,} bytes")
            self._fill()
        return self.take(end + 1).rstrip(b"\r\n")

    def until(self, marks: tuple[bytes, ...], longest: int = 16_384) -> bytes:
        """Read until one of the marks came, and give all up to there and what came with it. Raises as `take`."""
        while not any(mark in self._held for mark in marks):
            if len(self._held) > longest:
                raise MalformedError(f"sent more than {longest:,} bytes without an answer")
            self._fill()
        return self.take(len(self._held))

    def _fill(self) -> None:
        while True:
            self._ctx.check()
            left = self._until - time.monotonic()
            if left <= 0:
                raise SilentError("did not answer in time")
            self._source.settimeout(min(_STEP, left))
            try:
                piece = self._source.recv(16_384)
            except TimeoutError:
                continue
            except OSError as error:
                raise EndedError(f"the connection broke: {error.strerror or error}") from None
            break
        if not piece:
            raise EndedError("the server closed the connection")
        self._left -= len(piece)
        if self._left < 0:
            raise MalformedError("sent more than is read of one answer")
        self._held += piece
