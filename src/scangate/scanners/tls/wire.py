"""What a server answers to a greeting: records, the handshake messages in them, alerts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from scangate.scanners.tls.answer import SERVER_HELLO, ServerHello, server_hello
from scangate.scanners.tls.stream import EndedError, MalformedError, SilentError, Stream

_ALERT: Final = 21
_HANDSHAKE: Final = 22
_SEALED: Final = 23
_KINDS: Final = range(20, 25)
_LONGEST_RECORD: Final = 2**14 + 2_048
_LONGEST_MESSAGE: Final = 256 * 2**10
_MOST_RECORDS: Final = 600
_MAJOR: Final = 3
_FATAL: Final = 2

Opener = Callable[[bytes, bytes], tuple[int, bytes]]
"""Decrypts a record, given its header and body: its kind and content."""
Unlock = Callable[[ServerHello, bytes], Opener]
"""Makes an opener from the ServerHello, parsed and as it came."""


class OtherProtocolError(MalformedError):
    """The first thing that came is not TLS."""


@dataclass(slots=True)
class Flight:
    """One answer. `alert` is the number of a fatal one; `ended` and `silent` say how it stopped before it was whole."""

    hello: ServerHello | None = None
    messages: list[tuple[int, bytes]] = field(default_factory=list)
    alert: int | None = None
    ended: bool = False
    silent: bool = False

    def body(self, kind: int) -> bytes | None:
        """The first message of a kind."""
        return next((body for each, body in self.messages if each == kind), None)


def read_flight(stream: Stream, until: int = SERVER_HELLO, unlock: Unlock | None = None) -> Flight:
    """Read until a message of kind `until`, a fatal alert, or the end. Raises MalformedError, OtherProtocolError."""
    flight = Flight()
    pending = bytearray()
    opener: Opener | None = None
    for number in range(_MOST_RECORDS):
        try:
            kind, header, body = _record(stream, first=not number)
        except (EndedError, SilentError) as error:
            flight.ended, flight.silent = isinstance(error, EndedError), isinstance(error, SilentError)
            return flight
        if kind == _SEALED and opener:
            kind, body = opener(header, body)
        if kind == _ALERT and len(body) >= 2 and body[0] == _FATAL:  # noqa: PLR2004 - level and description
            flight.alert = body[1]
            return flight
        if kind != _HANDSHAKE:
            continue
        pending += body
        while (message := _message(pending)) is not None:
            flight.messages.append(message)
            if message[0] == SERVER_HELLO and flight.hello is None:
                flight.hello = server_hello(message[1])
                if unlock and not flight.hello.retry:
                    opener = unlock(flight.hello, message[1])
            if message[0] == until or (flight.hello and flight.hello.retry):
                return flight
    raise MalformedError(f"sent more than {_MOST_RECORDS} records without coming to an end")


def _record(stream: Stream, *, first: bool) -> tuple[int, bytes, bytes]:
    header = stream.take(5)
    length = int.from_bytes(header[3:])
    if header[0] not in _KINDS or header[1] != _MAJOR or length > _LONGEST_RECORD:
        if first:
            raise OtherProtocolError("its answer is not TLS")
        raise MalformedError("sent a record that is none of TLS")
    return header[0], header, stream.take(length)


def _message(pending: bytearray) -> tuple[int, bytes] | None:
    """Take the first whole message off; None when there is none yet."""
    if len(pending) < 4:  # noqa: PLR2004 - kind and length
        return None
    length = int.from_bytes(pending[1:4])
    if length > _LONGEST_MESSAGE:
        raise MalformedError(f"announced a handshake message of {length:,} bytes; {_LONGEST_MESSAGE:,} are read")
    if len(pending) < 4 + length:
        return None
    kind, body = pending[0], bytes(pending[4 : 4 + length])
    del pending[: 4 + length]
    return kind, body
