"""What PostgreSQL's catalogues say of its accounts, its pg_hba.conf and its settings."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.protocols.postgresql import POSTGRESQL
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.database import Blank, Remark
from scangate.scanners.databases.end_of_life import ended
from scangate.scanners.databases.postgresql.hba import Line, hba
from scangate.scanners.databases.postgresql.protocol import ROWS, Row, Session, StatementError, session
from scangate.scanners.databases.rules import (
    BOUND_WIDE,
    PUBLIC_CREATE,
    RIGHTS,
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

_SETTINGS: Final = (
    "server_version", "ssl", "ssl_min_protocol_version", "password_encryption", "log_connections", "listen_addresses",
)  # fmt: skip
_EVERYWHERE: Final = frozenset({"*", "0.0.0.0", "::"})  # noqa: S104 - what is looked for, not what is bound
_DANGEROUS: Final = "('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')"
Seen = Hit | Blank | Remark


def examine(endpoint: Endpoint, account: Account, trust: Trust, ctx: Context) -> Iterator[Seen]:
    """Log in, and read what the account may read."""
    database = os.environ.get("SCANGATE_POSTGRESQL_DATABASE") or "postgres"
    with session(endpoint, account, database, trust, ctx) as server:
        yield from _Examination(server, endpoint.where, ctx).all()


@dataclass(frozen=True, slots=True)
class _Examination:
    server: Session
    where: str
    ctx: Context

    def all(self) -> Iterator[Seen]:
        if self.server.without_password:
            yield Hit(rule=POSTGRESQL, said=f"{self.where} let the account of the scan log in without a password")
        rights: list[str] = []
        yield from self._each("settings", self._settings)
        yield from self._each("roles", lambda: self._roles(rights))
        yield from self._each("memberships of roles", lambda: self._memberships(rights))
        if rights:
            yield Hit(rule=RIGHTS, said=f"{self.where} gives rights beyond their data to {some(rights)}")
        yield from self._each("how passwords are stored (pg_authid)", self._passwords)
        yield from self._each("rights of everyone", self._public)
        yield from self._each("pg_hba.conf (pg_hba_file_rules)", self._hba)
        yield Remark(
            text="PostgreSQL does not encrypt its files; whether their disk is encrypted cannot be seen from here"
        )

    def _each(self, what: str, part: Callable[[], Iterator[Seen]]) -> Iterator[Seen]:
        self.ctx.check()
        try:
            yield from part()
        except StatementError as error:
            yield Blank(what=what, reason=error.message)

    def _rows(self, what: str, statement: str) -> Iterator[Row | Blank]:
        rows = self.server.query(f"{statement} LIMIT {ROWS + 1}")
        yield from rows[:ROWS]
        if len(rows) > ROWS:
            yield Blank(what=what, reason=f"more than {ROWS} of them")

    def _settings(self) -> Iterator[Seen]:
        names = ", ".join(f"'{name}'" for name in _SETTINGS)
        found = {
            row[0]: row[1]
            for row in self.server.query(f"SELECT name, setting FROM pg_settings WHERE name IN ({names}) LIMIT 20")  # noqa: S608
            if len(row) > 1
        }
        for name in sorted(set(_SETTINGS) - {"ssl_min_protocol_version"} - found.keys()):
            yield Blank(what=f"setting {name}", reason="it is not shown to this account")
        yield from ended("PostgreSQL", found.get("server_version", ""), self.where, self.ctx.today)
        if found.get("ssl") == "off":
            yield Hit(rule=TLS_OFF, said=f"{self.where} has ssl = off")
        elif found.get("ssl_min_protocol_version", "TLSv1.2") in ("", "TLSv1", "TLSv1.1"):
            yield Hit(
                rule=TLS_OLD, said=f"{self.where} has ssl_min_protocol_version = {found['ssl_min_protocol_version']!r}"
            )
        if found.get("log_connections") in ("off", ""):
            yield Hit(rule=UNLOGGED, said=f"{self.where} has log_connections = off")
        if _EVERYWHERE & {each.strip() for each in found.get("listen_addresses", "").split(",")}:
            yield Hit(rule=BOUND_WIDE, said=f"{self.where} has listen_addresses = {found['listen_addresses'][:80]!r}")

    def _roles(self, rights: list[str]) -> Iterator[Seen]:
        supers = []
        statement = (
            "SELECT rolname, rolsuper, rolcreaterole, rolbypassrls, oid FROM pg_catalog.pg_roles "
            "WHERE rolcanlogin ORDER BY rolname"
        )
        for row in self._rows("roles", statement):
            if isinstance(row, Blank):
                yield row
                continue
            name, is_super, makes_roles, passes_by, oid = (*row, "", "", "", "", "")[:5]
            if is_super == "t":
                supers += [name] * (oid != "10")  # 10 is the one that initdb made
            elif makes_roles == "t" or passes_by == "t":
                rights.append(f"{name} ({'CREATEROLE' if makes_roles == 't' else 'BYPASSRLS'})")
        if supers:
            yield Hit(rule=SUPERUSERS, said=f"{self.where} has more superusers that may log in: {some(supers)}")

    def _memberships(self, rights: list[str]) -> Iterator[Seen]:
        statement = (
            "SELECT m.rolname, r.rolname FROM pg_catalog.pg_auth_members a "  # noqa: S608 - ours
            "JOIN pg_catalog.pg_roles r ON r.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member "
            f"WHERE r.rolname IN {_DANGEROUS} AND NOT m.rolsuper ORDER BY 1, 2"
        )
        rows = list(self._rows("memberships", statement))
        yield from (row for row in rows if isinstance(row, Blank))
        rights += [f"{row[0]} ({row[1]})" for row in rows if not isinstance(row, Blank) and len(row) > 1]

    def _passwords(self) -> Iterator[Seen]:
        # The hash stays where it is: whether it is MD5 is all that is asked.
        statement = (
            "SELECT rolname FROM pg_catalog.pg_authid WHERE rolcanlogin AND left(rolpassword, 3) = 'md5' ORDER BY 1"
        )
        rows = list(self._rows("passwords", statement))
        yield from (row for row in rows if isinstance(row, Blank))
        if names := [row[0] for row in rows if not isinstance(row, Blank) and row]:
            yield Hit(rule=WEAK_HASH, said=f"{self.where} keeps the passwords of {some(names)} as MD5")

    def _public(self) -> Iterator[Seen]:
        rows = self.server.query(
            "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'public' "
            "AND has_schema_privilege('public', oid, 'CREATE') LIMIT 1"
        )
        if rows:
            yield Hit(rule=PUBLIC_CREATE, said=f"{self.where} lets PUBLIC create in the schema public of this database")

    def _hba(self) -> Iterator[Seen]:
        lines = []
        # Lines with an error match nothing, and the server does not load the file again.
        statement = (
            "SELECT line_number, type, array_to_string(database, ','), array_to_string(user_name, ','), "
            "address, netmask, auth_method FROM pg_catalog.pg_hba_file_rules WHERE error IS NULL ORDER BY line_number"
        )
        for row in self._rows("lines", statement):
            if isinstance(row, Blank):
                yield row
            else:
                lines.append(Line.of(row))
        yield from hba(lines, self.where)
        in_clear = [line for line in lines if line.type == "host" and line.lets_in and not line.is_loopback]
        if in_clear and self.server.query("SELECT 1 FROM pg_settings WHERE name = 'ssl' AND setting = 'on' LIMIT 1"):
            numbers = some([line.number for line in in_clear])
            said = f"{self.where} has `host` where `hostssl` would require TLS, in {numbers}"
            yield Hit(rule=TLS_OPTIONAL, said=said)
