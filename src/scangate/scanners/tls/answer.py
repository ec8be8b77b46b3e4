"""The messages of a server, taken apart. Every length in them is a claim."""

from dataclasses import dataclass
from typing import Final

from scangate.scanners.tls.stream import MalformedError
from scangate.scanners.tls.versions import Version

SERVER_HELLO: Final = 2
ENCRYPTED_EXTENSIONS: Final = 8
CERTIFICATE: Final = 11
KEY_EXCHANGE: Final = 12
CERTIFICATE_REQUEST: Final = 13
HELLO_DONE: Final = 14
CERTIFICATE_VERIFY: Final = 15
STATUS: Final = 22

HEARTBEAT: Final = 15
ALPN: Final = 16
SCT: Final = 18
STATUS_REQUEST: Final = 5
SUPPORTED_VERSIONS: Final = 43
KEY_SHARE: Final = 51
RENEGOTIATION: Final = 0xFF01

MOST_CERTIFICATES: Final = 20
_RETRY: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that asks for another greeting (RFC 8446, 4.1.3)."""


@dataclass(frozen=True, slots=True)
class ServerHello:
    """`retry`: it asks for another key, and names version and suite all the same."""

    version: int
    suite: int
    compression: int
    extensions: dict[int, bytes]
    retry: bool = False


class Reader:
    """Takes fields off the front of a message."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Raise MalformedError where there are fewer."""
        if count > self.left:
            raise MalformedError("sent a handshake message whose lengths do not add up")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def block(self, size: int) -> "Reader":
        """What a length of `size` bytes announces."""
        return Reader(self.take(self.number(size)))

    def rest(self) -> bytes:
        return self.take(self.left)


def server_hello(body: bytes) -> ServerHello:
    """Take a ServerHello apart. Raises MalformedError."""
    reader = Reader(body)
    version = reader.number(2)
    random = reader.take(32)
    reader.block(1)
    suite, compression = reader.number(2), reader.number(1)
    found = extensions(reader.block(2)) if reader.left else {}
    chosen = found.get(SUPPORTED_VERSIONS, b"")
    if len(chosen) == 2:  # noqa: PLR2004 - a version
        version = int.from_bytes(chosen)
    return ServerHello(version, suite, compression, found, retry=random == _RETRY)


def extensions(reader: Reader) -> dict[int, bytes]:
    """Give the extensions by number. Raises MalformedError."""
    found: dict[int, bytes] = {}
    while reader.left:
        number = reader.number(2)
        found[number] = reader.block(2).rest()
    return found


def certificates(body: bytes, version: Version) -> tuple[tuple[bytes, ...], dict[int, bytes], bool]:
    """Give the chain as it was sent, what came with the leaf in TLS 1.3, and whether there was more than is read."""
    reader = Reader(body)
    if version is Version.TLS13:
        reader.block(1)
    entries = reader.block(3)
    chain: list[bytes] = []
    beside: dict[int, bytes] = {}
    while entries.left and len(chain) < MOST_CERTIFICATES:
        chain.append(entries.block(3).rest())
        if version is Version.TLS13:
            found = extensions(entries.block(2))
            beside = beside if len(chain) > 1 else found
    return tuple(chain), beside, bool(entries.left)


def dh_bits(body: bytes) -> int:
    """Say how large the prime of a DHE key exchange is. Raises MalformedError."""
    return int.from_bytes(Reader(body).block(2).rest()).bit_length()


def protocol_name(extension: bytes) -> str:
    """Give the protocol that was agreed on (ALPN); empty for what is none."""
    try:
        return Reader(extension).block(2).block(1).rest().decode("ascii", "replace")
    except MalformedError:
        return ""
