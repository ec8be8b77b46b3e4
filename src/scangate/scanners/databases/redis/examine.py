"""What Redis says of its users and its settings."""

from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.database import Blank, Remark
from scangate.scanners.databases.end_of_life import ended
from scangate.scanners.databases.redis.protocol import CommandError, Reply, Session, pairs, session
from scangate.scanners.databases.redis.users import User, users
from scangate.scanners.databases.rules import (
    BOUND_WIDE,
    NO_PASSWORD,
    RIGHTS,
    TLS_OFF,
    TLS_OLD,
    TLS_OPTIONAL,
    UNPROTECTED,
    some,
)  # fmt: skip
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules.unauthenticated import REDIS

# Never `*`, and never requirepass or masterauth: they would be told in clear.
_SETTINGS: Final = ("bind", "protected-mode", "port", "tls-port", "tls-protocols")
_EVERYWHERE: Final = frozenset({"", "*", "0.0.0.0", "::", "-::*"})  # noqa: S104 - what is looked for
Seen = Hit | Blank | Remark


def examine(endpoint: Endpoint, account: Account, trust: Trust, ctx: Context) -> Iterator[Seen]:
    """Ask without a login first; then log in, and read what the account may read."""
    where = endpoint.where
    with session(endpoint, trust, ctx) as server:
        told = _try(server, "INFO", "server")
        if isinstance(told, str):
            yield Hit(rule=REDIS, said=f"{where} answered INFO without a password")
        else:
            server.login(account)
            told = _try(server, "INFO", "server")
        version = _field(told, "redis_version:") if isinstance(told, str) else ""
        if isinstance(told, str):
            yield from ended("Redis", version, where, ctx.today)
        else:
            yield Blank(what="version (INFO)", reason=_why(told))
        known: list[User] | None = None
        listed = _try(server, "ACL", "LIST")
        if isinstance(listed, list):
            known = users(listed)
            yield from _users(known, where)
        elif not version.startswith(("2.", "3.", "4.", "5.")):  # ACLs are of 6.0
            yield Blank(what="users (ACL LIST)", reason=_why(listed))
        yield from _settings(server, known, where)
    yield Remark(text="Redis encrypts no files and logs no connections itself; neither can be judged from here")


def _settings(server: Session, known: list[User] | None, where: str) -> Iterator[Seen]:
    found: dict[str, str] = {}
    for name in _SETTINGS:
        answer = _try(server, "CONFIG", "GET", name)
        if isinstance(answer, CommandError):
            yield Blank(what="settings (CONFIG GET)", reason=answer.message)
            return
        found |= pairs(answer)
    plain, tls = found.get("port", "0"), found.get("tls-port", "0")
    if not server.in_tls and tls in ("", "0"):
        yield Hit(rule=TLS_OFF, said=f"{where} has no tls-port")
    elif plain not in ("", "0") and tls not in ("", "0"):
        yield Hit(rule=TLS_OPTIONAL, said=f"{where} has a port without TLS beside the one with it")
    if {"TLSv1", "TLSv1.1"} & set(found.get("tls-protocols", "").split()):
        yield Hit(rule=TLS_OLD, said=f"{where} has tls-protocols = {found['tls-protocols'][:60]!r}")
    if set(found.get("bind", "none").split() or [""]) & _EVERYWHERE:
        yield Hit(rule=BOUND_WIDE, said=f"{where} has bind = {found['bind'][:60]!r}")
    open_to_all = known is None or any(each.name == "default" and each.on and each.no_password for each in known)
    if found.get("protected-mode") == "no" and open_to_all:
        yield Hit(rule=UNPROTECTED, said=f"{where} has protected-mode = no")


def _users(known: list[User], where: str) -> Iterator[Hit]:
    active = [each for each in known if each.on]
    if open_ones := [each.name for each in active if each.no_password]:
        worst = NO_PASSWORD.worst if any(each.no_password and each.dangerous for each in active) else None
        yield Hit(rule=NO_PASSWORD, said=f"{where} asks no password of {some(open_ones)}", severity=worst)
    # An account that administers the server may be there; `default` is everyone's.
    if any(each.name == "default" and each.dangerous for each in active):
        yield Hit(rule=RIGHTS, said=f"{where} lets its user `default` run every command, dangerous ones too")


def _try(server: Session, *words: str) -> Reply | CommandError:
    try:
        return server.ask(*words)
    except CommandError as error:
        return error


def _why(answer: Reply | CommandError) -> str:
    return answer.message if isinstance(answer, CommandError) else "an answer of another kind"


def _field(text: str, name: str) -> str:
    return next((line.removeprefix(name)[:40] for line in text.splitlines() if line.startswith(name)), "")
