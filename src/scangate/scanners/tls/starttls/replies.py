"""Replies of SMTP and FTP: three digits, on one line or several."""

from typing import Final

from scangate.scanners.tls.stream import MalformedError, Stream
from scangate.scanners.tls.wire import OtherProtocolError

_MOST_LINES: Final = 100
_DIGITS: Final = 3


def reply(stream: Stream) -> tuple[int, str]:
    """Read one reply: its code, and its text. Raises OtherProtocolError, and what a Stream raises."""
    said: list[str] = []
    for _line in range(_MOST_LINES):
        line = stream.line().decode("latin-1")
        code, dash = line[:_DIGITS], line[_DIGITS : _DIGITS + 1]
        if not said and not (code.isascii() and code.isdigit() and dash in ("", " ", "-")):
            raise OtherProtocolError(f"said {line[:60]!r}, which is no reply")
        said.append(line[_DIGITS + 1 :])
        if code.isascii() and code.isdigit() and dash in ("", " "):
            return int(code), "\n".join(said)
    raise MalformedError(f"sent a reply of more than {_MOST_LINES} lines")
