"""What a protocol with STARTTLS is."""

from collections.abc import Callable
from dataclasses import dataclass

from scangate.errors import ScanError
from scangate.scanners.network.rule import Rule
from scangate.scanners.tls.stream import Stream


class NotOfferedError(ScanError):
    """The server speaks the protocol, and was heard to have no TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One of them. `begin` speaks up to where TLS begins, given the host.

    It raises NotOfferedError, OtherProtocolError, and what a Stream raises. `cleartext`: the rule that a
    server without TLS breaks. `most`: connections that are no burden to such a server.
    """

    label: str
    names: tuple[str, ...]
    ports: tuple[int, ...]
    begin: Callable[[Stream, str], None]
    cleartext: Rule | None = None
    most: int = 400
