"""IMAP (RFC 9051, 6.2.1)."""

from typing import Final

from scangate.scanners.nmap.rules import cleartext
from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.stream import MalformedError, Stream
from scangate.scanners.tls.wire import OtherProtocolError

_MOST_LINES: Final = 100


def begin(stream: Stream, _host: str) -> None:
    if not stream.line().upper().startswith((b"* OK", b"* PREAUTH")):
        raise OtherProtocolError("did not greet as an IMAP server")
    stream.send(b"a1 STARTTLS\r\n")
    for _line in range(_MOST_LINES):
        said = stream.line()
        if said.upper().startswith(b"A1 OK"):
            return
        if said.upper().startswith(b"A1 "):
            raise NotOfferedError(f"answered STARTTLS with {said[3:60].decode('latin-1')}")
    raise MalformedError(f"sent more than {_MOST_LINES} lines without an answer")


IMAP: Final = Protocol(label="IMAP", names=("imap",), ports=(143,), begin=begin, cleartext=cleartext.IMAP)
