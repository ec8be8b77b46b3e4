"""What a probe of `access` is, and the conversation it has: what it sends, and what it may hear."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.connection import MOST, BrokenError, connect, datagram, receive
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.client import secure

SECONDS: Final = 4.0
"""For one answer."""
GREETING: Final = 12.0
"""For the first word of a server that speaks first: many ask DNS who is calling."""
SHOWN: Final = 120
"""Characters of a stranger's words that go into a finding."""
NAME: Final = b"scangate.invalid"
"""What we call ourselves where a protocol wants a name (RFC 6761: nobody has it)."""


class NotSpokenError(ScanError):
    """What listens there does not speak the protocol that was tried."""


class HungUpError(NotSpokenError):
    """What listens there ended the conversation instead of an answer. Nobody was let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One protocol. `services` are nmap's words for it, `ports` where it listens when nobody knows its name.

    `products` are lower-case words in nmap's name of a product, for what speaks HTTP.
    `sends`: what goes out, to the byte where it is short; the docs show it. `check` returns the rules that are broken,
    and raises NotSpokenError where the protocol is not spoken. It reads, and changes nothing.
    """

    name: str
    rules: tuple[Rule, ...]
    sends: str
    check: Callable[[Endpoint, Context], Iterable[Hit]]
    services: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    products: frozenset[str] = frozenset()
    protocol: str = "tcp"

    def fits(self, endpoint: Endpoint) -> bool:
        return endpoint.protocol == self.protocol and (endpoint.port in self.ports or self.is_named(endpoint))

    def is_named(self, endpoint: Endpoint) -> bool:
        """Whether nmap says that it is this protocol: then silence is a gap, and not another protocol."""
        product = endpoint.product.lower()
        return endpoint.name in self.services or any(word in product for word in self.products)


class Talk:
    """One connection, or one exchange of datagrams."""

    def __init__(self, source: socket.socket, ctx: Context) -> None:
        self._source = source
        self._ctx = ctx
        self._said = False

    def say(self, data: bytes) -> None:
        """Send. Raises BrokenError."""
        self._ctx.check()
        self._said = True
        try:
            self._source.settimeout(max(0.01, min(SECONDS, self._ctx.remaining)))
            self._source.sendall(data)
        except OSError as error:
            raise BrokenError(f"the connection broke: {error.strerror or error}") from None

    def hear(
        self, ended: Callable[[bytes], bool] = bool, *, most: int = MOST, seconds: float = 0.0, needed: bool = True
    ) -> bytes:
        """Listen until `ended`, for anything at all unless said otherwise. Raises NotSpokenError for silence."""
        seconds = seconds or (SECONDS if self._said else GREETING)
        until = time.monotonic() + min(seconds, self._ctx.remaining)
        heard = receive(self._source, self._ctx, most=most, ended=ended, seconds=seconds)
        if needed and not heard:
            raise NotSpokenError("did not answer") if time.monotonic() >= until else HungUpError("hung up")
        return heard

    def ask(self, data: bytes, ended: Callable[[bytes], bool] = bool, *, most: int = MOST) -> bytes:
        self.say(data)
        return self.hear(ended, most=most)

    def line(self, data: bytes = b"") -> bytes:
        """Say something, and hear one line."""
        if data:
            self.say(data)
        return self.hear(lambda heard: b"\n" in heard, most=4_096)

    def upgrade(self, endpoint: Endpoint) -> None:
        """Go on in TLS. Raises NoTlsError."""
        self._source = secure(self._source, endpoint, self._ctx)

    def close(self) -> None:
        self._source.close()


@contextmanager
def talk(endpoint: Endpoint, ctx: Context) -> Iterator[Talk]:
    """Connect by TCP, in TLS where nmap heard TLS."""
    conversation = Talk(connect(endpoint, ctx), ctx)
    try:
        if endpoint.tunnel == "ssl":
            conversation.upgrade(endpoint)
        yield conversation
    finally:
        conversation.close()


def exchange(endpoint: Endpoint, ctx: Context, data: bytes, *, tries: int = 2, seconds: float = 1.5) -> bytes:
    """Send one datagram and hear one; b"" when nothing came, however often it was sent."""
    for _try in range(tries):
        with datagram(endpoint, ctx) as source:
            conversation = Talk(source, ctx)
            conversation.say(data)
            if heard := conversation.hear(seconds=seconds, needed=False):
                return heard
    return b""


def shown(data: bytes | str) -> str:
    """What a stranger said, as one short line; the model's border makes it harmless."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    text = " ".join(text[: SHOWN * 8].split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
