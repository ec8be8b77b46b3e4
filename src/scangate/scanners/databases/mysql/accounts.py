"""The accounts of MySQL and MariaDB, and what is wrong with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scangate.scanners.databases.mysql.protocol import ROWS, Row, Session
from scangate.scanners.databases.rules import (
    ANONYMOUS,
    ANY_HOST,
    NO_PASSWORD,
    RIGHTS,
    SUPERUSERS,
    WEAK_HASH,
    some,
)  # fmt: skip
from scangate.scanners.network.rule import Hit

# The hash stays where it is: whether there is one is all that is asked.
_COLUMNS: Final = (
    "User, Host, plugin, authentication_string IN ('', 'invalid'), authentication_string = '', "
    "Super_priv, Grant_priv, File_priv, Create_user_priv"
)
_MYSQL: Final = f"SELECT {_COLUMNS}, account_locked FROM mysql.user ORDER BY User, Host LIMIT {ROWS + 1}"  # noqa: S608
_MARIADB: Final = (
    f"SELECT {_COLUMNS}, (SELECT JSON_VALUE(g.Priv, '$.account_locked') FROM mysql.global_priv g "  # noqa: S608
    f"WHERE g.User = u.User AND g.Host = u.Host), is_role FROM mysql.user u ORDER BY User, Host LIMIT {ROWS + 1}"
)
_BY_PASSWORD: Final = frozenset({"", "mysql_native_password", "mysql_old_password", "caching_sha2_password", "sha256_password", "ed25519"})  # fmt: skip  # noqa: E501
_FAST: Final = frozenset({"", "mysql_native_password", "mysql_old_password"})
_SHIPPED: Final = frozenset({"root", "mysql", "mariadb.sys", "mysql.sys", "mysql.session", "mysql.infoschema", "debian-sys-maint"})  # fmt: skip  # noqa: E501
_ANYWHERE: Final = frozenset({"%", "", "0.0.0.0/0.0.0.0", "%.%.%.%"})
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account that may log in. `has_hash`: a password is stored; `is_empty`: everyone is let in as it."""

    user: str
    host: str
    plugin: str
    has_hash: bool
    is_empty: bool
    is_super: bool
    rights: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.user[:40]!r}@{self.host[:60]!r}"


def listed(server: Session) -> list[Account]:
    """Every account that is neither locked nor a role. Raises StatementError."""
    rows = server.query(_MARIADB if server.is_mariadb else _MYSQL)
    return [account for row in rows if (account := _account(row))]


def judge(accounts: Sequence[Account], where: str) -> Iterator[Hit]:
    """Every rule that the accounts break, one finding each."""
    if empty := [each for each in accounts if each.is_empty]:
        worst = NO_PASSWORD.worst if any(each.is_super and each.host not in _HERE for each in empty) else None
        yield Hit(rule=NO_PASSWORD, said=f"{where} asks no password of {_some(empty)}", severity=worst)
    if nameless := [each for each in accounts if not each.user]:
        yield Hit(rule=ANONYMOUS, said=f"{where} has {_some(nameless)}")
    if anywhere := [each for each in accounts if each.host in _ANYWHERE]:
        yield Hit(rule=ANY_HOST, said=f"{where} has {_some(anywhere)}")
    if supers := [each for each in accounts if each.is_super and each.user not in _SHIPPED]:
        yield Hit(rule=SUPERUSERS, said=f"{where} gives all rights to {_some(supers)}")
    reaching = [f"{each} ({', '.join(each.rights)})" for each in accounts if each.rights and not each.is_super]
    if reaching := [each for each in reaching if not each.startswith(tuple(f"'{name}'@" for name in _SHIPPED))]:
        yield Hit(rule=RIGHTS, said=f"{where} gives rights beyond their data to {some(reaching)}")
    if fast := [each for each in accounts if each.plugin in _FAST and each.has_hash]:
        yield Hit(rule=WEAK_HASH, said=f"{where} keeps the passwords of {_some(fast)} as SHA-1")


def _some(accounts: Sequence[Account]) -> str:
    return some([str(each) for each in accounts])


def _account(row: Row) -> Account | None:
    user, host, plugin, unusable, empty, is_super, grant, file, create, locked, role = (
        *("" if each is None else each for each in row),
        *("",) * 11,
    )[:11]
    if locked.lower() in ("y", "true", "1") or role == "Y":
        return None
    names = {"SUPER": is_super, "FILE": file, "CREATE USER": create}
    return Account(
        user=user,
        host=host,
        plugin=plugin,
        has_hash=unusable != "1",
        is_empty=plugin in _BY_PASSWORD and empty == "1",
        is_super=is_super == "Y" and grant == "Y",
        rights=tuple(name for name, has in names.items() if has == "Y"),
    )
