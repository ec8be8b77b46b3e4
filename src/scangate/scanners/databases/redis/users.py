"""The users of Redis, from its own list of rules; what proves their passwords is dropped as it is read."""

from collections.abc import Sequence
from dataclasses import dataclass

from scangate.scanners.databases.redis.protocol import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """`dangerous`: may run commands that read settings, load modules or end the server."""

    name: str
    on: bool
    no_password: bool
    dangerous: bool


def users(listed: Sequence[Reply]) -> list[User]:
    """Read ACL LIST: `user NAME on nopass ~* &* +@all -@dangerous`. Rules take effect in their order."""
    return [_user(line) for line in listed if isinstance(line, str) and line.startswith("user ")]


def _user(line: str) -> User:
    _user_word, name, *rules = (*line[:20_000].split(" "), "")
    dangerous = False
    for rule in rules:
        if rule in ("+@all", "allcommands", "+@dangerous", "+@admin"):
            dangerous = True
        elif rule in ("-@all", "nocommands", "-@dangerous"):
            dangerous = False
    return User(name=name, on="on" in rules, no_password="nopass" in rules, dangerous=dangerous)
