"""MySQL and MariaDB: whether `root` is let in without a password."""

import struct
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, Talk, shown, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

MYSQL: Final = Rule(
    id="net-no-auth-mysql", title="MySQL without a password", severity=Severity.CRITICAL, cwes=("CWE-306", "CWE-521"),
    why="anyone who reaches the port can read and change the data, and often run commands",
    fix="give every account of MySQL on {port} of {host} a password, `root` first",
    controls=("PCI DSS 4.0.1 2.2.2", "PCI DSS 4.0.1 8.3.1"), script="mysql-empty-password",
)  # fmt: skip
_CAPABILITIES: Final = 0x00000001 | 0x00000200 | 0x00008000 | 0x00080000
"""LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH; neither a database nor local files."""
_PLUGIN: Final = b"mysql_native_password"
_OK, _ERROR, _OTHER, _MORE = 0x00, 0xFF, 0xFE, 0x01
_USERS: Final = (b"root", b"")
_QUIT: Final = b"\x01\x00\x00\x00\x01"


def packet(number: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes((number,)) + payload


def login(user: bytes) -> bytes:
    """Answer the greeting as a user without a password (HandshakeResponse41)."""
    head = struct.pack("<IIB23x", _CAPABILITIES, 2**24 - 1, 45)
    return packet(1, head + user + b"\0" + b"\0" + _PLUGIN + b"\0")


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Log in as `root` and as nobody, without a password, and leave."""
    for user in _USERS:
        with talk(endpoint, ctx) as server:
            greeting = _packet(server)
            if greeting[4:5] == b"\xff" and len(greeting) > 7:  # noqa: PLR2004 - it refuses this address, or is full
                return
            if greeting[3:5] != b"\x00\x0a":
                raise NotSpokenError("does not speak MySQL's protocol")
            version = greeting[5:].partition(b"\0")[0]
            try:
                let_in = _try(server, user)
            except (NotSpokenError, BrokenError):
                continue
        if let_in:
            name = user.decode() or "an account without a name"
            yield Hit(
                rule=MYSQL,
                said=f"{endpoint.where} let {name} log in without a password",
                facts=(("version", shown(version)),),
            )
            return


def _try(server: Talk, user: bytes) -> bool:
    server.say(login(user))
    heard = _packet(server)
    if heard[4:5] == bytes((_OTHER,)):  # another plugin: an empty password is an empty answer in each
        server.say(packet(heard[3] + 1 & 0xFF, b"\0" if b"sha2" in heard or b"sha256" in heard else b""))
        heard = _packet(server)
    if heard[4:5] == bytes((_OK,)):
        server.say(_QUIT)
        return True
    return False


def _packet(server: Talk) -> bytes:
    return server.hear(lambda heard: len(heard) >= 4 and len(heard) >= 4 + int.from_bytes(heard[:3], "little"))  # noqa: PLR2004


PROBE: Final = Probe(
    name="mysql",
    rules=(MYSQL,),
    sends="a login as `root`, and one as nobody, each without a password; COM_QUIT",
    check=check,
    services=frozenset({"mysql", "mariadb"}),
    ports=frozenset({3306}),
)
