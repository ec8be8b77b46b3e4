"""POP3 (RFC 2595)."""

from typing import Final

from scangate.scanners.nmap.rules import cleartext
from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.stream import Stream
from scangate.scanners.tls.wire import OtherProtocolError


def begin(stream: Stream, _host: str) -> None:
    if not stream.line().startswith(b"+OK"):
        raise OtherProtocolError("did not greet as a POP3 server")
    stream.send(b"STLS\r\n")
    said = stream.line()
    if not said.startswith(b"+OK"):
        raise NotOfferedError(f"answered STLS with {said[:60].decode('latin-1')}")


POP3: Final = Protocol(label="POP3", names=("pop3",), ports=(110,), begin=begin, cleartext=cleartext.POP3)
