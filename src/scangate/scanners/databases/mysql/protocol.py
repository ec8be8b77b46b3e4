"""The little of MySQL's protocol (version 10) that a read-only session needs. Local files are never offered."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.databases.conversation import Conversation, NotSpokenError, refused
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.mysql.proofs import FULL, PROOFS, prove, tell
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.endpoints import Endpoint

ROWS: Final = 2_000
"""Rows of one answer; every statement of ours says LIMIT one more."""
Row = tuple[str | None, ...]
_WANTED: Final = 0x00000001 | 0x00000200 | 0x00008000 | 0x00080000
"""LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH: no database, no compression, no LOCAL INFILE."""
_TLS: Final = 0x00000800
_OK, _MORE, _SWITCH, _ERROR, _NULL = 0x00, 0x01, 0xFE, 0xFF, 0xFB
_COLUMNS: Final = 100
_STEPS: Final = 10
"""Exchanges that a login may take."""


class StatementError(ScanError):
    """The server did not carry out a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What the server says first."""

    version: str
    challenge: bytes
    capabilities: int
    plugin: str


class Session:
    """A session of one account."""

    def __init__(self, conversation: Conversation, version: str) -> None:
        self.version = version
        self.in_tls = conversation.in_tls
        self._conversation = conversation

    @property
    def is_mariadb(self) -> bool:
        return "mariadb" in self.version.lower()

    def query(self, statement: str) -> list[Row]:
        """Run one statement. Raises StatementError."""
        self._conversation.say(_packet(0, b"\x03" + statement.encode()))
        first = self._packet()
        if first[:1] == bytes((_OK,)):
            return []
        columns = first[0] if first and first[0] < _NULL else 0
        if not 0 < columns <= _COLUMNS:
            raise NotSpokenError("an answer without a number of columns")
        for _number in range(columns + 1):  # the columns, and what ends them
            self._packet()
        rows: list[Row] = []
        while not _ends(data := self._packet()):
            if len(rows) > ROWS:
                raise NotSpokenError("more rows than were asked for")
            rows.append(_row(data, columns))
        return rows

    def _packet(self) -> bytes:
        _number, data = _read(self._conversation)
        if data[:1] == bytes((_ERROR,)):
            raise StatementError(_said(data))
        return data


@contextmanager
def session(endpoint: Endpoint, account: Account, trust: Trust, ctx: Context) -> Iterator[Session]:
    """Connect, in TLS if the server has it, and log in."""
    with Conversation(endpoint, trust, ctx) as conversation:
        _number, data = _read(conversation)
        if data[:1] == bytes((_ERROR,)):
            raise ScanError(f"it refuses to talk to this host: {_said(data)}")
        greeting = _greeting(data)
        wanted = _WANTED | (greeting.capabilities & _TLS)
        head = struct.pack("<IIB23x", wanted, 2**24 - 1, 45)
        number = 1
        if wanted & _TLS:
            conversation.say(_packet(number, head))
            conversation.begin_tls()
            number += 1
        _login(conversation, greeting, account, head, number)
        yield Session(conversation, greeting.version)
        conversation.say(_packet(0, b"\x01"))


def _login(conversation: Conversation, greeting: Greeting, account: Account, head: bytes, number: int) -> None:
    plugin = greeting.plugin if greeting.plugin in PROOFS else "mysql_native_password"
    proof = prove(plugin, account.password, greeting.challenge, conversation)
    body = head + account.user.encode() + b"\0" + bytes((len(proof),)) + proof + plugin.encode() + b"\0"
    conversation.say(_packet(number, body))
    for _step in range(_STEPS):
        number, data = _read(conversation)
        kind = data[0] if data else _ERROR
        if kind == _OK:
            return
        if kind == _ERROR:
            raise refused(account, _said(data))
        if kind == _SWITCH:
            name, _, challenge = data[1:].partition(b"\0")
            plugin = name.decode("utf-8", "replace")
            answer = prove(plugin, account.password, challenge.removesuffix(b"\0"), conversation)
        elif data == bytes((_MORE, FULL)):
            answer = tell(account.password, conversation)
        elif kind == _MORE:  # 3: the proof was enough, and OK follows
            continue
        else:
            raise NotSpokenError("its answer to a login is broken")
        conversation.say(_packet(number + 1 & 0xFF, answer))
    raise NotSpokenError(f"a login of more than {_STEPS} steps")


def _read(conversation: Conversation) -> tuple[int, bytes]:
    head = conversation.read(4)
    return head[3], conversation.read(int.from_bytes(head[:3], "little"))


def _packet(number: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes((number,)) + payload


def _greeting(data: bytes) -> Greeting:
    version, zero, rest = data[1:].partition(b"\0")
    if data[:1] != b"\x0a" or not zero or len(rest) < 31:  # noqa: PLR2004 - up to the second half of the challenge
        raise NotSpokenError("does not speak MySQL's protocol")
    capabilities = int.from_bytes(rest[13:15], "little") | int.from_bytes(rest[18:20], "little") << 16
    second = max(13, rest[20] - 8)
    return Greeting(
        version=version[:80].decode("utf-8", "replace"),
        challenge=(rest[4:12] + rest[31 : 31 + second]).removesuffix(b"\0"),
        capabilities=capabilities,
        plugin=rest[31 + second :].partition(b"\0")[0].decode("utf-8", "replace"),
    )


def _ends(data: bytes) -> bool:
    return data[:1] == bytes((_SWITCH,)) and len(data) < 9  # noqa: PLR2004 - EOF, and no string of 16 MiB


def _row(data: bytes, columns: int) -> Row:
    fields: list[str | None] = []
    at = 0
    for _number in range(columns):
        first = data[at] if at < len(data) else _ERROR
        at += 1
        if first == _NULL:
            fields.append(None)
            continue
        wide = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first, 0)
        size = int.from_bytes(data[at : at + wide], "little") if wide else first
        at += wide
        if first == _ERROR or size > len(data) - at:
            raise NotSpokenError("a row that ends in the middle")
        fields.append(data[at : at + size].decode("utf-8", "replace"))
        at += size
    return tuple(fields)


def _said(data: bytes) -> str:
    text = data[9:] if data[3:4] == b"#" else data[3:]
    return text[:200].decode("utf-8", "replace") or "it said no more"
