"""PostgreSQL: whether `postgres` is let in without a password."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, Talk, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.client import NoTlsError

POSTGRESQL: Final = Rule(
    id="net-no-auth-postgresql", title="PostgreSQL without a password", severity=Severity.CRITICAL,
    cwes=("CWE-306", "CWE-521"),
    why="anyone who reaches the port can read and change the data, and often run commands",
    fix="let nobody in by `trust` in pg_hba.conf of PostgreSQL on {port} of {host}; use scram-sha-256",
    controls=("PCI DSS 4.0.1 2.2.2", "PCI DSS 4.0.1 8.3.1"), script="pgsql-brute",
)  # fmt: skip
_TLS: Final = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
_TERMINATE: Final = b"X\x00\x00\x00\x04"
_NOT_NOW: Final = (b"\0C57P03\0", b"\0C53300\0")
"""Errors that say nothing about who would be let in."""
_LETS_IN: Final = b"R\x00\x00\x00\x08\x00\x00\x00\x00"


def startup() -> bytes:
    """Begin a session as `postgres` in the database that every server has."""
    fields = b"user\0postgres\0database\0postgres\0application_name\0scangate\0\0"
    return (len(fields) + 8).to_bytes(4, "big") + b"\x00\x03\x00\x00" + fields


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Only the answer to the startup message is read: a server that asks for a password gets none. In TLS if it can."""
    for tls in (False, True):
        with talk(endpoint, ctx) as server:
            if tls:
                if server.ask(_TLS)[:1] != b"S":
                    return
                try:
                    server.upgrade(endpoint)
                except NoTlsError:
                    return  # its TLS is broken: nobody gets in that way
            heard = _answer(server)
            if heard.startswith(_LETS_IN):
                server.say(_TERMINATE)
        if heard.startswith(_LETS_IN):
            how = "with TLS" if tls else "without TLS"
            yield Hit(
                rule=POSTGRESQL,
                said=f"{endpoint.where} let `postgres` log in without a password",
                facts=(("asked", how),),
            )
            return
        if heard[:1] == b"R":
            return


def _answer(server: Talk) -> bytes:
    heard = server.ask(startup(), lambda heard: len(heard) >= 9 and len(heard) > int.from_bytes(heard[1:5], "big"))  # noqa: PLR2004
    if heard[:1] not in (b"R", b"E") or int.from_bytes(heard[1:5], "big") > 2**16:
        raise NotSpokenError("does not speak PostgreSQL's protocol")
    if heard[:1] == b"E" and any(code in heard for code in _NOT_NOW):
        raise ScanError("it takes no session at the moment (starting up, shutting down, or full)")
    return heard


PROBE: Final = Probe(
    name="postgresql",
    rules=(POSTGRESQL,),
    sends="StartupMessage as `postgres` in `postgres`; after an error the same in TLS; Terminate",
    check=check,
    services=frozenset({"postgresql", "postgres"}),
    ports=frozenset({5432}),
)
