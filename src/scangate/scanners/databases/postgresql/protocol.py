"""The little of PostgreSQL's protocol (version 3.0) that a read-only session needs."""

import hashlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.databases.conversation import Conversation, LoginError, NotSpokenError, refused
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.scram import Scram
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.endpoints import Endpoint

ROWS: Final = 2_000
"""Rows of one answer; every statement of ours says LIMIT one more."""
Row = tuple[str, ...]
_OPTIONS: Final = (
    b"-c default_transaction_read_only=on -c statement_timeout=5000 -c lock_timeout=1000 -c client_min_messages=error"
)
_TLS: Final = struct.pack(">II", 8, 80877103)
_TERMINATE: Final = b"X\0\0\0\4"
_OK, _CLEARTEXT, _MD5, _SASL, _SASL_GOES_ON, _SASL_ENDS = 0, 3, 5, 10, 11, 12
_MESSAGES: Final = 10_000
"""Messages read in search of one."""


class StatementError(ScanError):
    """The server did not carry out a statement. `code` is its SQLSTATE: 42501 where a right is missing."""

    def __init__(self, message: str, *, advice: str = "", code: str = "") -> None:
        super().__init__(message, advice=advice)
        self.code = code


class Session:
    """A session of one account. `without_password`: the server did not ask for one."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self.without_password = False

    def query(self, statement: str) -> list[Row]:
        """Run one statement; NULL becomes "". Raises StatementError."""
        self._conversation.say(_message(b"Q", statement.encode() + b"\0"))
        rows: list[Row] = []
        error: StatementError | None = None
        for kind, body in self._messages():
            if kind == b"D" and len(rows) <= ROWS:
                rows.append(_row(body))
            elif kind == b"E":
                error = _error(body)
            elif kind == b"Z":
                break
        if error:
            raise error
        return rows

    def login(self, account: Account, database: str) -> None:
        """Start the session, and prove who we are by what the server asks. Raises LoginError."""
        fields = {b"user": account.user.encode(), b"database": database.encode(), b"options": _OPTIONS,
                  b"application_name": b"scangate", b"client_encoding": b"UTF8"}  # fmt: skip
        body = struct.pack(">I", 196608) + b"".join(b"%s\0%s\0" % each for each in fields.items()) + b"\0"
        self._conversation.say(struct.pack(">I", len(body) + 4) + body)
        self.without_password = True
        scram: Scram | None = None
        for kind, body in self._messages():
            if kind == b"E":
                raise refused(account, _error(body).message)
            if kind == b"Z":
                return
            if kind == b"R":
                scram = self._prove(body, account, scram)

    def _prove(self, body: bytes, account: Account, scram: Scram | None) -> Scram | None:
        asked = int.from_bytes(body[:4], "big") if len(body) >= 4 else -1  # noqa: PLR2004
        self.without_password &= asked == _OK
        if asked == _CLEARTEXT:
            if not self._conversation.may_tell:
                raise LoginError("not logged in: it asks for the password in clear text, without TLS")
            self._tell(account.password.encode())
        elif asked == _MD5:
            inner = hashlib.md5((account.password + account.user).encode(), usedforsecurity=False).hexdigest()
            outer = hashlib.md5(inner.encode() + body[4:8], usedforsecurity=False).hexdigest()
            self._tell(b"md5" + outer.encode())
        elif asked == _SASL and b"SCRAM-SHA-256" in body[4:].split(b"\0"):
            scram = Scram("", account.password, "sha256")  # the name is that of the startup message
            first = scram.first()
            self._say(b"SCRAM-SHA-256\0" + struct.pack(">I", len(first)) + first)
        elif asked == _SASL_GOES_ON and scram:
            self._say(scram.final(body[4:]))
        elif asked == _SASL_ENDS and scram:
            scram.verify(body[4:])
        elif asked != _OK:
            raise LoginError(f"not logged in: it asks for a method of authentication that is not spoken here ({asked})")
        return scram

    def _tell(self, password: bytes) -> None:
        self._say(password + b"\0")

    def _say(self, body: bytes) -> None:
        self._conversation.say(_message(b"p", body))

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        for _number in range(_MESSAGES):
            head = self._conversation.read(5)
            size = int.from_bytes(head[1:], "big") - 4
            if size < 0 or not head[:1].isalpha():
                raise NotSpokenError("does not speak PostgreSQL's protocol")
            yield head[:1], self._conversation.read(size)
        raise NotSpokenError(f"more than {_MESSAGES} messages in one answer")


@contextmanager
def session(endpoint: Endpoint, account: Account, database: str, trust: Trust, ctx: Context) -> Iterator[Session]:
    """Connect, in TLS if the server has it, and log in."""
    with Conversation(endpoint, trust, ctx) as conversation:
        conversation.say(_TLS)
        answer = conversation.read(1)
        if answer == b"S":
            conversation.begin_tls()
        elif answer != b"N":
            raise NotSpokenError("does not speak PostgreSQL's protocol")
        opened = Session(conversation)
        opened.login(account, database)
        yield opened
        conversation.say(_TERMINATE)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def _row(body: bytes) -> Row:
    if len(body) < 2:  # noqa: PLR2004 - a count, and then the fields
        raise NotSpokenError("a row without its count")
    fields, at = [], 2
    for _number in range(int.from_bytes(body[:2], "big")):
        size = int.from_bytes(body[at : at + 4], "big", signed=True)
        at += 4
        if at > len(body) or size > len(body) - at:
            raise NotSpokenError("a row that ends in the middle")
        fields.append(body[at : at + max(0, size)].decode("utf-8", "replace"))
        at += max(0, size)
    return tuple(fields)


def _error(body: bytes) -> StatementError:
    fields = {each[:1]: each[1:].decode("utf-8", "replace") for each in body.split(b"\0") if each}
    return StatementError(fields.get(b"M", "it said no more")[:200], code=fields.get(b"C", ""))
