"""LDAP: whether there is StartTLS, and whether an anonymous search reads what is below the base."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access import ber
from scangate.scanners.access.probe import NotSpokenError, Probe, Talk, shown, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules import cleartext

ANONYMOUS: Final = Rule(
    id="net-anonymous-ldap", title="LDAP lets anyone read the directory", severity=Severity.MEDIUM, cwes=("CWE-306",),
    why="anyone who reaches the port reads who works there and what there is",
    fix="refuse anonymous binds and searches on {port} of {host}", controls=("PCI DSS 4.0.1 8.3.1",),
    script="ldap-search",
)  # fmt: skip
_BIND, _BOUND, _UNBIND, _SEARCH, _ENTRY, _DONE, _EXTENDED, _ANSWERED = 0x60, 0x61, 0x42, 0x63, 0x64, 0x65, 0x77, 0x78
_ROOT, _SUBTREE = 0, 2
_SIZE_LIMIT: Final = 4
"""Also the result code of a search that found more than that: proof enough."""
_START_TLS: Final = b"1.3.6.1.4.1.1466.20037"
_BASES: Final = 3
"""Naming contexts that are searched."""


def message(number: int, *operation: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, ber.integer(number), *operation)


def bind() -> bytes:
    """Bind as nobody, by the simple method without name or password."""
    return message(1, ber.tlv(_BIND, ber.integer(3), b"\x04\x00", b"\x80\x00"))


def start_tls() -> bytes:
    return message(1, ber.tlv(_EXTENDED, ber.tlv(0x80, _START_TLS)))


def search(number: int, base: bytes, scope: int, *attributes: bytes) -> bytes:
    """Search for anything (`objectClass=*`), four entries at most, for three seconds at most."""
    limits = ber.integer(_SIZE_LIMIT) + ber.integer(3) + b"\x01\x01\x00"
    wanted = ber.tlv(ber.SEQUENCE, *(ber.tlv(ber.OCTETS, each) for each in attributes))
    scoped = ber.integer(scope, ber.ENUMERATED) + ber.integer(0, ber.ENUMERATED)
    asked = ber.tlv(_SEARCH, ber.tlv(ber.OCTETS, base), scoped, limits, ber.tlv(0x87, b"objectClass"), wanted)
    return message(number, asked)


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Reading the base entry alone is by design; an entry below it is not."""
    if endpoint.tunnel != "ssl":
        with talk(endpoint, ctx) as server:
            code = _code(server.ask(start_tls(), ber.whole), _ANSWERED)
            if code is None:
                raise NotSpokenError("does not speak LDAP")
            if code:
                yield Hit(rule=cleartext.LDAP, said=f"{endpoint.where} is ldap and StartTLS was refused (code {code})")
    with talk(endpoint, ctx) as server:
        code = _code(server.ask(bind(), ber.whole), _BOUND)
        if code is None:
            raise NotSpokenError("does not speak LDAP")
        # Some refuse the bind, and answer a search that comes without one.
        try:
            for number, base in enumerate(_contexts(server), 3):
                entries = _entries(server, search(number, base, _SUBTREE, b"1.1"))
                if below := [name for name in entries if name.lower() != base.lower()]:
                    facts = (("base", shown(base)), ("an entry", shown(below[0])))
                    yield Hit(rule=ANONYMOUS, said=f"{endpoint.where} let anyone search {shown(base)}", facts=facts)
                    break
            server.say(message(99, ber.tlv(_UNBIND)))
        except (NotSpokenError, BrokenError):
            return  # it hangs up on who has not logged in


def _contexts(server: Talk) -> list[bytes]:
    """The bases that the root entry names, in the order that it does."""
    heard = server.ask(search(2, b"", _ROOT, b"namingContexts"), _done)
    for _tag, content in ber.values(heard):
        try:
            tag, _entry = ber.path(content, 1)
            if tag == _ENTRY:
                found = ber.path(content, 1, 1, 0, 1)[1]
                return [value for kind, value in ber.values(found) if kind == ber.OCTETS and value][:_BASES]
        except ValueError:
            continue
    return []


def _entries(server: Talk, asked: bytes) -> list[bytes]:
    names = []
    for _tag, content in ber.values(server.ask(asked, _done)):
        try:
            if ber.path(content, 1)[0] == _ENTRY:
                names.append(ber.path(content, 1, 0)[1])
        except ValueError:
            continue
    return names


def _done(heard: bytes) -> bool:
    return any(_operation(content) in (_DONE, _ANSWERED) for _tag, content in ber.values(heard))


def _operation(content: bytes) -> int:
    try:
        return ber.path(content, 1)[0]
    except ValueError:
        return 0


def _code(heard: bytes, wanted: int) -> int | None:
    """The result code of an answer; None for what is none."""
    try:
        tag, _answer = ber.path(heard, 0, 1)
        kind, code = ber.path(heard, 0, 1, 0)
    except ValueError:
        return None
    return ber.number(code) if tag in (wanted, _ANSWERED) and kind == ber.ENUMERATED else None


PROBE: Final = Probe(
    name="ldap",
    rules=(ANONYMOUS, cleartext.LDAP),
    sends="StartTLS (1.3.6.1.4.1.1466.20037); on a second connection an anonymous simple bind, a search of the root "
    "entry for namingContexts, and one below up to three of those for four entries without their attributes; unbind",
    check=check,
    services=frozenset({"ldap", "ldaps", "ldapssl"}),
    ports=frozenset({389, 636, 3268, 3269}),
)
