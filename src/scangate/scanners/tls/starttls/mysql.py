"""MySQL and MariaDB: the server greets with its abilities, TLS among them."""

from typing import Final

from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol
from scangate.scanners.tls.stream import EndedError, MalformedError, Stream
from scangate.scanners.tls.wire import OtherProtocolError

_TLS: Final = 0x0800
_PROTOCOL_41, _SECURE = 0x0200, 0x8000
_GREETING: Final = 10
_REFUSAL: Final = 0xFF
_LONGEST: Final = 4_096


def begin(stream: Stream, _host: str) -> None:
    length = int.from_bytes(stream.take(3), "little")
    stream.take(1)
    if not 0 < length <= _LONGEST:
        raise OtherProtocolError("did not greet as a MySQL server")
    body = stream.take(length)
    if body[0] == _REFUSAL:
        raise EndedError(f"refused: {body[3:80].decode('latin-1')}")
    if body[0] != _GREETING:
        raise OtherProtocolError("did not greet as a MySQL server")
    end = body.find(b"\0")
    # Version, thread, eight bytes of salt and one of nothing: then what it can do.
    abilities = body[end + 14 : end + 16]
    if end < 0 or len(abilities) < 2:  # noqa: PLR2004
        raise MalformedError("sent a greeting that is cut off")
    if not int.from_bytes(abilities, "little") & _TLS:
        raise NotOfferedError("greeted without the ability of TLS")
    wanted = _TLS | _PROTOCOL_41 | _SECURE
    request = wanted.to_bytes(4, "little") + (2**24).to_bytes(4, "little") + b"\x21" + bytes(23)
    stream.send(len(request).to_bytes(3, "little") + b"\x01" + request)


# A host that breaks off a hundred greetings in a row is locked out (max_connect_errors).
MYSQL: Final = Protocol(label="MySQL", names=("mysql", "mariadb"), ports=(3306,), begin=begin, most=40)
