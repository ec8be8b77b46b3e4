"""PostgreSQL: SSLRequest, and one byte for an answer."""

from typing import Final

from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.stream import Stream
from scangate.scanners.tls.wire import OtherProtocolError

_REQUEST: Final = (8).to_bytes(4) + (80_877_103).to_bytes(4)


def begin(stream: Stream, _host: str) -> None:
    stream.send(_REQUEST)
    said = stream.take(1)
    if said == b"N":
        raise NotOfferedError("answered that it has no TLS")
    if said != b"S":
        raise OtherProtocolError("did not answer as a PostgreSQL server")


POSTGRES: Final = Protocol(label="PostgreSQL", names=("postgresql",), ports=(5432, 6432), begin=begin)
