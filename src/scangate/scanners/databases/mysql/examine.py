"""What MySQL's and MariaDB's own tables say of their accounts and settings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.database import Blank, Remark
from scangate.scanners.databases.end_of_life import ended
from scangate.scanners.databases.mysql.accounts import judge, listed
from scangate.scanners.databases.mysql.protocol import ROWS, Session, StatementError, session
from scangate.scanners.databases.rules import AT_REST, BOUND_WIDE, FILES, TLS_OFF, TLS_OLD, TLS_OPTIONAL, UNLOGGED
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit

_SETTINGS: Final = (
    "have_ssl", "ssl_cert", "require_secure_transport", "tls_version", "bind_address", "secure_file_priv",
    "local_infile", "general_log", "server_audit_logging", "audit_log_policy", "audit_log_filter_id",
    "innodb_encrypt_tables", "innodb_encrypt_log", "default_table_encryption", "innodb_redo_log_encrypt",
)  # fmt: skip
_EVERYWHERE: Final = frozenset({"*", "0.0.0.0", "::"})  # noqa: S104 - what is looked for
_OLD_TLS: Final = frozenset({"TLSv1", "TLSv1.0", "TLSv1.1"})
_ON: Final = frozenset({"ON", "YES", "1", "FORCE"})
_BEFORE: Final = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION max_statement_time = 5",  # MariaDB, in seconds
    "SET SESSION max_execution_time = 5000",  # MySQL, in milliseconds
)
Seen = Hit | Blank | Remark


def examine(endpoint: Endpoint, account: Account, trust: Trust, ctx: Context) -> Iterator[Seen]:
    """Log in, and read what the account may read."""
    with session(endpoint, account, trust, ctx) as server:
        for statement in _BEFORE:
            _quietly(server, statement)
        yield from _Examination(server, endpoint.where, ctx).all()


@dataclass(frozen=True, slots=True)
class _Examination:
    server: Session
    where: str
    ctx: Context

    def all(self) -> Iterator[Seen]:
        product = "MariaDB" if self.server.is_mariadb else "MySQL"
        # MariaDB says 5.5.5-10.11.19-MariaDB, for clients that know no 10.
        yield from ended(product, self.server.version.removeprefix("5.5.5-"), self.where, self.ctx.today)
        yield from self._each("settings", self._settings)
        yield from self._each("accounts (mysql.user)", self._accounts)

    def _each(self, what: str, part: Callable[[], Iterator[Seen]]) -> Iterator[Seen]:
        self.ctx.check()
        try:
            yield from part()
        except StatementError as error:
            yield Blank(what=what, reason=error.message)

    def _accounts(self) -> Iterator[Seen]:
        accounts = listed(self.server)
        if len(accounts) > ROWS:
            yield Blank(what="accounts", reason=f"more than {ROWS} of them")
        yield from judge(accounts[:ROWS], self.where)

    def _settings(self) -> Iterator[Seen]:
        names = ", ".join(f"'{name}'" for name in _SETTINGS)
        rows = self.server.query(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})")
        found = {str(name).lower(): value or "" for name, value, *_rest in (row for row in rows if len(row) > 1)}
        yield from self._tls(found)
        yield from self._reach(found)
        yield from self._record(found)

    def _tls(self, found: dict[str, str]) -> Iterator[Hit]:
        # have_ssl is gone from MySQL 8.4, where a server without a certificate is one without TLS.
        is_on = found.get("have_ssl", "YES" if found.get("ssl_cert") or self.server.in_tls else "DISABLED") == "YES"
        if not is_on:
            yield Hit(
                rule=TLS_OFF, said=f"{self.where} offers no TLS (have_ssl is {found.get('have_ssl', 'gone')[:20]})"
            )
            return
        if found.get("require_secure_transport", "OFF") not in _ON:
            yield Hit(rule=TLS_OPTIONAL, said=f"{self.where} has require_secure_transport = OFF")
        versions = {each.strip() for each in found.get("tls_version", "").split(",")}
        if old := sorted(versions & _OLD_TLS):
            yield Hit(rule=TLS_OLD, said=f"{self.where} has tls_version with {', '.join(old)}")

    def _reach(self, found: dict[str, str]) -> Iterator[Hit]:
        # Without bind_address MariaDB listens everywhere and shows nothing.
        addresses = {each.strip() for each in found.get("bind_address", "").split(",")}
        if addresses & _EVERYWHERE or addresses == {""}:
            yield Hit(rule=BOUND_WIDE, said=f"{self.where} has bind_address = {found.get('bind_address', '')[:60]!r}")
        # NULL forbids it all in MySQL, and confines nothing in MariaDB.
        value = "COALESCE(@@GLOBAL.secure_file_priv, '')" if self.server.is_mariadb else "@@GLOBAL.secure_file_priv"
        confined = self.server.query(f"SELECT {value} = ''")
        unconfined = bool(confined) and confined[0][:1] == ("1",)
        local = found.get("local_infile", "OFF") in _ON
        if unconfined or local:
            what = [*["no secure_file_priv"] * unconfined, *["local_infile = ON"] * local]
            severity = None if unconfined else Severity.LOW
            yield Hit(rule=FILES, said=f"{self.where} has {' and '.join(what)}", severity=severity)

    def _record(self, found: dict[str, str]) -> Iterator[Seen]:
        at_rest = "innodb_encrypt_tables" if self.server.is_mariadb else "default_table_encryption"
        if found.get(at_rest, "OFF") not in _ON:
            yield Hit(rule=AT_REST, said=f"{self.where} has {at_rest} = OFF")
        logs = ("general_log", "server_audit_logging")
        audits = ("audit_log_policy", "audit_log_filter_id")  # the audit plugins of MySQL, on when they are there
        if not any(found.get(name, "OFF") in _ON for name in logs) and not any(name in found for name in audits):
            yield Hit(rule=UNLOGGED, said=f"{self.where} has neither an audit plugin nor the general log on")


def _quietly(server: Session, statement: str) -> None:
    try:
        server.query(statement)
    except StatementError:
        return  # the other kind of server has another name for it; a time limit of ours stands besides
