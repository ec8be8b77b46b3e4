"""The way to one endpoint: a new connection for each greeting, so many and no more."""

from collections.abc import Callable
from typing import Final, TypeVar

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.connection import connect
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.tls import ssl2
from scangate.scanners.tls.answer import SERVER_HELLO
from scangate.scanners.tls.starttls import Protocol
from scangate.scanners.tls.stream import Stream
from scangate.scanners.tls.wire import Flight, Unlock, read_flight

CONNECTING: Final = 4.0
MOST_SILENCES: Final = 3

T = TypeVar("T")


class SpentError(ScanError):
    """No more connections may be made to the endpoint."""


class Line:
    """Connects as often as is allowed. `protocol` is spoken up to STARTTLS first; None is TLS from the first byte."""

    def __init__(self, endpoint: Endpoint, ctx: Context, protocol: Protocol | None, most: int) -> None:
        self.endpoint = endpoint
        self.protocol = protocol
        self.made = 0
        self._ctx = ctx
        self._most = min(most, protocol.most) if protocol else most
        self._silences = 0

    @property
    def name(self) -> str:
        """What the server is told it is called (SNI): nothing where the user knows an address only."""
        return self.endpoint.host if self.endpoint.named else ""

    @property
    def most(self) -> int:
        return self._most

    @property
    def left(self) -> int:
        """Connections that may still be made."""
        return self._most - self.made

    def ask(self, greeting: bytes, until: int = SERVER_HELLO, unlock: Unlock | None = None) -> Flight:
        """Send a greeting, and read the answer. Raises ScanError where there is no way, or too often no answer."""
        flight = self._converse(greeting, lambda stream: read_flight(stream, until, unlock))
        self._silences += flight.silent
        if self._silences > MOST_SILENCES:
            raise ScanError(f"stopped answering after {self.made} connections")
        return flight

    def ask_ssl2(self) -> bool:
        """Whether SSL 2 is accepted."""
        return self._converse(ssl2.greeting(), ssl2.accepted)

    def _converse(self, greeting: bytes, read: Callable[[Stream], T]) -> T:
        if self.left <= 0:
            raise SpentError("all connections that are allowed were made")
        self.made += 1
        with connect(self.endpoint, self._ctx, CONNECTING) as made:
            stream = Stream(made, self._ctx)
            if self.protocol:
                self.protocol.begin(stream, self.endpoint.host)
            stream.send(greeting)
            return read(stream)
