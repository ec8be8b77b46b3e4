"""What nmap must find: a telnet server by version detection, and a Redis without a password by a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from scangate.core.model import Kind, Target
from scangate.scanners.canary import HOST, Canary, listening

_OPTIONS: Final = b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27"
"""DO terminal type, speed, X display, environment: what a Linux telnetd begins with."""
_INFO: Final = b"# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux\r\narch_bits:64\r\n"


@contextmanager
def canary() -> Iterator[Canary]:
    """Listen, and say what must be found."""
    with listening(_telnet) as telnet, listening(_redis) as redis:
        yield Canary(
            target=Target(id="canary", kind=Kind.HOSTS, addresses=(HOST,), ports=f"{telnet},{redis}"),
            options={"tls_ciphers": False},
            rules=frozenset({"net-cleartext-telnet", "net-no-auth-redis"}),
        )


def _telnet(asked: bytes) -> bytes:
    return b"" if asked else _OPTIONS


def _redis(asked: bytes) -> bytes:
    if b"info" in asked.lower():
        return b"$%d\r\n%s\r\n" % (len(_INFO), _INFO)
    return b"-ERR wrong number of arguments for 'get' command\r\n" if asked.startswith(b"GET ") else b""
