"""OP_MSG (MongoDB 3.6 and later), and a login by SCRAM."""

import hashlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.databases.conversation import Conversation, NotSpokenError, refused
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.mongodb.bson import Given, Value, decode, encode
from scangate.scanners.databases.scram import Scram
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint

_HEADER: Final = struct.Struct("<iiii")
_MSG: Final = 2013
_STEPS: Final = 4
_BEFORE: Final[dict[str, Given]] = {"maxTimeMS": 5000, "$db": "admin"}


class CommandError(ScanError):
    """The server did not carry out a command."""


class Session:
    """A session: of nobody, until `login`."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._number = 0

    @property
    def in_tls(self) -> bool:
        return self._conversation.in_tls

    def command(self, name: str, value: Given = 1, **more: Given) -> dict[str, Value]:
        """Run a command in `admin`. Raises CommandError."""
        self._number += 1
        limits: dict[str, Given] = {"$db": "admin"} if name.startswith(("sasl", "hello")) else _BEFORE
        body = b"\0\0\0\0\0" + encode({name: value, **more, **limits})
        self._conversation.say(_HEADER.pack(_HEADER.size + len(body), self._number, 0, _MSG) + body)
        size, _number, _to, code = _HEADER.unpack(self._conversation.read(_HEADER.size))
        if code != _MSG or size < _HEADER.size + 10:
            raise NotSpokenError("does not speak MongoDB's protocol")
        answer = decode(self._conversation.read(size - _HEADER.size)[5:])
        if answer.get("ok") != 1:
            raise CommandError(str(answer.get("errmsg", ""))[:200])
        return answer

    def login(self, account: Account) -> None:
        """Prove who we are, by SCRAM-SHA-256, or by SCRAM-SHA-1 where the account has no other. Raises LoginError."""
        try:
            self._scram(account, account.password, "SCRAM-SHA-256", "sha256")
        except CommandError:
            inner = hashlib.md5(f"{account.user}:mongo:{account.password}".encode(), usedforsecurity=False).hexdigest()
            try:
                self._scram(account, inner, "SCRAM-SHA-1", "sha1")
            except CommandError as error:
                raise refused(account, error.message) from None

    def _scram(self, account: Account, password: str, mechanism: str, hash_name: str) -> None:
        scram = Scram(account.user, password, hash_name)
        answer = self.command("saslStart", mechanism=mechanism, payload=scram.first())
        for step in range(_STEPS):
            heard, number = answer.get("payload"), answer.get("conversationId")
            if not isinstance(heard, bytes) or not isinstance(number, int):
                raise NotSpokenError("its answer to a login is broken")
            if step == 0:
                said = scram.final(heard)
            else:
                if step == 1:
                    scram.verify(heard)
                if answer.get("done") is True:
                    return
                said = b""
            answer = self.command("saslContinue", conversationId=number, payload=said)
        raise NotSpokenError(f"a login of more than {_STEPS} steps")


@contextmanager
def session(endpoint: Endpoint, trust: Trust, ctx: Context) -> Iterator[Session]:
    """Connect: in clear text, and in TLS where that is all the server understands. Raises NotSpokenError."""
    if endpoint.tunnel != "ssl" and _is_plain(endpoint, trust, ctx):
        with Conversation(endpoint, trust, ctx) as conversation:
            yield Session(conversation)
        return
    with Conversation(endpoint, trust, ctx) as conversation:
        conversation.begin_tls()
        yield Session(conversation)


def _is_plain(endpoint: Endpoint, trust: Trust, ctx: Context) -> bool:
    with Conversation(endpoint, trust, ctx) as conversation:
        try:
            Session(conversation).command("hello")
        except CommandError:
            return True
        except (BrokenError, NotSpokenError):
            return False
        return True
