"""What MongoDB says of its users and of how it was started."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from scangate.scanners import Context
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.database import Blank
from scangate.scanners.databases.end_of_life import ended
from scangate.scanners.databases.mongodb.bson import Value, at, documents
from scangate.scanners.databases.mongodb.protocol import CommandError, Session, session
from scangate.scanners.databases.rules import (
    AT_REST,
    BOUND_WIDE,
    SCRIPTS,
    SUPERUSERS,
    TLS_OFF,
    TLS_OLD,
    TLS_OPTIONAL,
    UNLOGGED,
    WEAK_HASH,
    some,
)  # fmt: skip
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules.unauthenticated import MONGODB

USERS: Final = 2_000
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104 - what is looked for
_ALL_RIGHTS: Final = frozenset({"root", "__system"})
_OLD_TLS: Final = frozenset({"TLS1_0", "TLS1_1"})
Seen = Hit | Blank


def examine(endpoint: Endpoint, account: Account, trust: Trust, ctx: Context) -> Iterator[Seen]:
    """Ask without a login first; then log in, and read what the account may read."""
    with session(endpoint, trust, ctx) as server:
        server.command("hello")
        try:
            server.command("listDatabases", nameOnly=True)
        except CommandError:
            server.login(account)
        else:
            yield Hit(rule=MONGODB, said=f"{endpoint.where} listed its databases without a login")
        yield from _Examination(server, endpoint.where, ctx).all()


@dataclass(frozen=True, slots=True)
class _Examination:
    server: Session
    where: str
    ctx: Context

    def all(self) -> Iterator[Seen]:
        yield from self._each("version (buildInfo)", self._version)
        yield from self._each("settings (getCmdLineOpts)", self._settings)
        yield from self._each("users (usersInfo)", self._users)

    def _each(self, what: str, part: Callable[[], Iterator[Seen]]) -> Iterator[Seen]:
        self.ctx.check()
        try:
            yield from part()
        except CommandError as error:
            yield Blank(what=what, reason=error.message)

    def _version(self) -> Iterator[Hit]:
        yield from ended("MongoDB", _text(self.server.command("buildInfo").get("version")), self.where, self.ctx.today)

    def _settings(self) -> Iterator[Hit]:
        options = self.server.command("getCmdLineOpts").get("parsed")
        # Before 4.2 it was `ssl`, with the same words.
        mode = _text(at(options, "net", "tls", "mode") or at(options, "net", "ssl", "mode"))
        if mode in ("", "disabled"):
            yield Hit(rule=TLS_OFF, said=f"{self.where} has no net.tls.mode")
        elif not mode.startswith("require"):
            yield Hit(rule=TLS_OPTIONAL, said=f"{self.where} has net.tls.mode = {mode[:20]}")
        refused = _text(at(options, "net", "tls", "disabledProtocols")).replace(" ", "")
        if mode not in ("", "disabled") and refused and not set(refused.split(",")) >= _OLD_TLS:
            yield Hit(rule=TLS_OLD, said=f"{self.where} has net.tls.disabledProtocols = {refused[:40]}")
        bound = {each.strip() for each in _text(at(options, "net", "bindIp")).split(",")}
        if bound & _EVERYWHERE or at(options, "net", "bindIpAll") is True:
            yield Hit(rule=BOUND_WIDE, said=f"{self.where} has net.bindIp on all addresses")
        if at(options, "security", "enableEncryption") is not True:
            yield Hit(rule=AT_REST, said=f"{self.where} has no security.enableEncryption, which only Enterprise offers")
        if not _text(at(options, "auditLog", "destination")):
            yield Hit(rule=UNLOGGED, said=f"{self.where} has no auditLog, which only Enterprise offers")
        if at(options, "security", "javascriptEnabled") is not False:
            yield Hit(rule=SCRIPTS, said=f"{self.where} has no security.javascriptEnabled = false")

    def _users(self) -> Iterator[Seen]:
        found = documents(self.server.command("usersInfo", {"forAllDBs": 1}).get("users"))
        if len(found) > USERS:
            yield Blank(what="users", reason=f"more than {USERS} of them")
        users = [each for each in found[:USERS] if isinstance(each, dict)]
        if supers := [_name(each) for each in users if _roles(each) & _ALL_RIGHTS]:
            yield Hit(rule=SUPERUSERS, said=f"{self.where} gives all rights to {some(supers)}")
        fast = [_name(each) for each in users if "SCRAM-SHA-1" in documents(each.get("mechanisms"))]
        if fast:
            yield Hit(rule=WEAK_HASH, said=f"{self.where} keeps the passwords of {some(fast)} for SCRAM-SHA-1 (MD5)")


def _name(user: dict[str, Value]) -> str:
    return f"{_text(user.get('user'))[:40]}@{_text(user.get('db'))[:40]}"


def _roles(user: dict[str, Value]) -> set[str]:
    return {_text(at(role, "role")) for role in documents(user.get("roles"))}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
