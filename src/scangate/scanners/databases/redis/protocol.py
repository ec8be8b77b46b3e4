"""The little of Redis' protocol (RESP 2) that a read-only session needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.databases.conversation import Conversation, LoginError, NotSpokenError, refused
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint

ITEMS: Final = 5_000
"""Entries of one answer."""
_NESTED: Final = 4
Reply = str | list["Reply"]


class CommandError(ScanError):
    """The server did not carry out a command: it does not know it, or the account may not."""


class Session:
    """A session: of nobody, until `login`."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    @property
    def in_tls(self) -> bool:
        return self._conversation.in_tls

    def ask(self, *words: str) -> Reply:
        """Send one command. Raises CommandError."""
        parts = [word.encode() for word in words]
        self._conversation.say(
            b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        )
        return self._reply(0)

    def login(self, account: Account) -> None:
        """Prove who we are. The password itself goes out: only in TLS, unless the config allows more."""
        if not self._conversation.may_tell:
            raise LoginError(
                "not logged in: Redis is told the password itself, and there is no TLS",
                advice="turn on TLS, or set `cleartext: true` where the network is yours",
            )
        try:
            self.ask("AUTH", *filter(None, (account.user,)), account.password)
        except CommandError as error:
            raise refused(account, error.message) from None

    def _reply(self, depth: int) -> Reply:
        line = self._conversation.line()
        kind, text = line[:1], line[1:].decode("utf-8", "replace")
        if kind == b"-":
            raise CommandError(text[:200])
        if kind in (b"+", b":"):
            return text
        if kind not in (b"$", b"*") or not text.removeprefix("-").isdecimal() or len(text) > 9:  # noqa: PLR2004
            raise NotSpokenError("does not speak Redis' protocol")
        count = int(text)
        if kind == b"$":
            return self._conversation.read(count + 2)[:-2].decode("utf-8", "replace") if count >= 0 else ""
        if count > ITEMS or depth > _NESTED:
            raise NotSpokenError(f"an answer of {count} entries is more than is read")
        return [self._reply(depth + 1) for _number in range(count)]


@contextmanager
def session(endpoint: Endpoint, trust: Trust, ctx: Context) -> Iterator[Session]:
    """Connect: in clear text, and in TLS where that is all the server understands."""
    if endpoint.tunnel != "ssl" and not _is_tls(endpoint, trust, ctx):
        with Conversation(endpoint, trust, ctx) as conversation:
            yield Session(conversation)
        return
    with Conversation(endpoint, trust, ctx) as conversation:
        conversation.begin_tls()
        yield Session(conversation)


def _is_tls(endpoint: Endpoint, trust: Trust, ctx: Context) -> bool:
    """Whether a PING in clear text ends the connection, as it does where TLS is spoken."""
    with Conversation(endpoint, trust, ctx) as conversation:
        try:
            Session(conversation).ask("PING")
        except CommandError:
            return False
        except (BrokenError, NotSpokenError):
            return True
        return False


def pairs(reply: Reply) -> dict[str, str]:
    """Read a flat list of names and values, as CONFIG GET answers."""
    if not isinstance(reply, list):
        return {}
    texts = [each for each in reply if isinstance(each, str)]
    return dict(zip(texts[::2], texts[1::2], strict=False))
