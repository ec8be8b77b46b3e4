"""LDAP: an extended operation (RFC 4511, 4.14)."""

from typing import Final

from scangate.scanners.nmap.rules import cleartext
from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.stream import MalformedError, Stream
from scangate.scanners.tls.wire import OtherProtocolError

_OID: Final = b"1.3.6.1.4.1.1466.20037"
_SEQUENCE, _INTEGER, _ENUMERATED = 0x30, 0x02, 0x0A
_EXTENDED_RESPONSE: Final = 0x78
_LONGEST: Final = 16_384
_SUCCESS: Final = 0


def begin(stream: Stream, _host: str) -> None:
    asked = b"\x77" + _short(b"\x80" + _short(_OID))
    stream.send(b"\x30" + _short(b"\x02\x01\x01" + asked))
    if stream.take(1)[0] != _SEQUENCE:
        raise OtherProtocolError("did not answer as an LDAP server")
    body = stream.take(_length(stream))
    # A message id of one byte, an extended response, and in front of that its result code.
    if body[:2] != bytes((_INTEGER, 1)) or body[3:4] != bytes((_EXTENDED_RESPONSE,)):
        raise OtherProtocolError("did not answer as an LDAP server")
    at = 5 + (body[4] & 0x7F if len(body) > 4 and body[4] & 0x80 else 0)  # noqa: PLR2004 - a length of BER
    if body[at : at + 2] != bytes((_ENUMERATED, 1)) or len(body) <= at + 2:
        raise MalformedError("sent an answer without a result")
    if body[at + 2] != _SUCCESS:
        raise NotOfferedError(f"answered StartTLS with result {body[at + 2]}")


def _short(content: bytes) -> bytes:
    return bytes((len(content),)) + content


def _length(stream: Stream) -> int:
    first = stream.take(1)[0]
    if first < 0x80:  # noqa: PLR2004 - BER's short form
        return first
    size = first & 0x7F
    length = int.from_bytes(stream.take(size)) if 0 < size <= 4 else _LONGEST + 1  # noqa: PLR2004
    if length > _LONGEST:
        raise MalformedError("announced an answer that is longer than is read")
    return length


LDAP: Final = Protocol(label="LDAP", names=("ldap",), ports=(389, 3268), begin=begin, cleartext=cleartext.LDAP)
