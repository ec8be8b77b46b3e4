"""SSL 2, which has records and messages of its own."""

import os
from typing import Final

from scangate.scanners.tls.stream import EndedError, SilentError, Stream
from scangate.scanners.tls.versions import Version

_SUITES: Final = (0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700C0)
_SERVER_HELLO: Final = 4
_SHORT_HEADER: Final = 0x80


def greeting() -> bytes:
    """Write a CLIENT-HELLO that offers every suite of SSL 2."""
    suites = b"".join(suite.to_bytes(3) for suite in _SUITES)
    lengths = len(suites).to_bytes(2) + (0).to_bytes(2) + (16).to_bytes(2)
    body = b"\x01" + Version.SSL2.to_bytes(2) + lengths + suites + os.urandom(16)
    return (0x8000 | len(body)).to_bytes(2) + body


def accepted(stream: Stream) -> bool:
    """Whether the answer is a SERVER-HELLO of SSL 2 with at least one suite."""
    try:
        head = stream.take(13)
    except (EndedError, SilentError):
        return False
    length = int.from_bytes(head[:2]) & 0x7FFF
    is_hello = bool(head[0] & _SHORT_HEADER) and head[2] == _SERVER_HELLO
    version, suites = int.from_bytes(head[5:7]), int.from_bytes(head[9:11])
    return is_hello and version == Version.SSL2 and suites > 0 and length >= 11 + suites
