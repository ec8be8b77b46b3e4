"""SMTP (RFC 3207)."""

from typing import Final

from scangate.scanners.nmap.rules import cleartext
from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.starttls.replies import reply
from scangate.scanners.tls.stream import EndedError, Stream
from scangate.scanners.tls.wire import OtherProtocolError

_READY, _DONE = 220, 250


def begin(stream: Stream, _host: str) -> None:
    code, text = reply(stream)
    if code != _READY:
        raise EndedError(f"greeted with {code} {text[:60]}")
    if "FTP" in text.upper() and "SMTP" not in text.upper():
        raise OtherProtocolError("greeted as an FTP server")
    stream.send(b"EHLO scangate.invalid\r\n")
    code, text = reply(stream)
    if code != _DONE or "STARTTLS" not in (word for line in text.upper().splitlines() for word in line.split()[:1]):
        raise NotOfferedError("does not offer STARTTLS")
    stream.send(b"STARTTLS\r\n")
    code, text = reply(stream)
    if code != _READY:
        raise NotOfferedError(f"answered STARTTLS with {code} {text[:60]}")


SMTP: Final = Protocol(
    label="SMTP", names=("smtp", "submission"), ports=(25, 587, 2525), begin=begin, cleartext=cleartext.SMTP
)
