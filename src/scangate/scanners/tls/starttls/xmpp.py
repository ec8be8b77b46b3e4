"""XMPP (RFC 6120, 5). Its XML is searched for two words, and never parsed."""

from collections.abc import Callable
from typing import Final

from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.stream import Stream
from scangate.scanners.tls.wire import OtherProtocolError

_TLS: Final = b"urn:ietf:params:xml:ns:xmpp-tls"
_ENDS: Final = (b"</stream:features>", b"</features>", b"</stream:stream>", b"<stream:features/>")


def _begin(namespace: str) -> Callable[[Stream, str], None]:
    def begin(stream: Stream, host: str) -> None:
        stream.send(
            f"<?xml version='1.0'?><stream:stream to='{host}' xmlns='{namespace}'"
            " xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>".encode()
        )
        if not stream.take(1).startswith(b"<"):
            raise OtherProtocolError("did not answer as an XMPP server")
        if _TLS not in stream.until(_ENDS):
            raise NotOfferedError("does not offer STARTTLS")
        stream.send(b"<starttls xmlns='" + _TLS + b"'/>")
        if b"<proceed" not in stream.until((b">",)):
            raise NotOfferedError("did not proceed with TLS")

    return begin


CLIENT: Final = Protocol(
    label="XMPP", names=("xmpp", "xmpp-client", "jabber"), ports=(5222,), begin=_begin("jabber:client")
)
SERVER: Final = Protocol(label="XMPP", names=("xmpp-server",), ports=(5269,), begin=_begin("jabber:server"))
