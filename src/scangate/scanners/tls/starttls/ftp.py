"""FTP (RFC 4217)."""

from typing import Final

from scangate.scanners.nmap.rules import cleartext
from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.starttls.replies import reply
from scangate.scanners.tls.stream import EndedError, Stream

_READY, _AGREED = 220, 234


def begin(stream: Stream, _host: str) -> None:
    code, text = reply(stream)
    if code != _READY:
        raise EndedError(f"greeted with {code} {text[:60]}")
    stream.send(b"AUTH TLS\r\n")
    code, text = reply(stream)
    if code != _AGREED:
        raise NotOfferedError(f"answered AUTH TLS with {code} {text[:60]}")


FTP: Final = Protocol(label="FTP", names=("ftp",), ports=(21,), begin=begin, cleartext=cleartext.FTP)
