"""POP3 and IMAP: whether there is STARTTLS."""

from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules import cleartext


def check_imap(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Cleartext when there is no STARTTLS, unless the server says that it takes no login without."""
    with talk(endpoint, ctx) as server:
        if not server.line().startswith((b"* OK", b"* PREAUTH", b"* BYE")):
            raise NotSpokenError("does not speak IMAP")
        told = server.ask(
            b"a1 CAPABILITY\r\n", lambda heard: b"\na1 " in heard or heard.startswith(b"a1 "), most=16_384
        )
        server.say(b"a2 LOGOUT\r\n")
    offers = told.upper().split()
    if endpoint.tunnel != "ssl" and b"STARTTLS" not in offers and b"LOGINDISABLED" not in offers:
        yield Hit(rule=cleartext.IMAP, said=f"{endpoint.where} is imap and no STARTTLS was offered")


def check_pop3(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Some know no CAPA; so STLS itself is tried where it is not named."""
    with talk(endpoint, ctx) as server:
        if not server.line().startswith(b"+OK"):
            raise NotSpokenError("does not speak POP3")
        told = server.ask(b"CAPA\r\n", lambda heard: heard.startswith(b"-") or heard.endswith(b"\n.\r\n"), most=16_384)
        offered = b"\nSTLS" in told.upper() or endpoint.tunnel == "ssl" or server.line(b"STLS\r\n").startswith(b"+OK")
        if b"\nSTLS" in told.upper() or endpoint.tunnel == "ssl":
            server.say(b"QUIT\r\n")
    if not offered:
        yield Hit(rule=cleartext.POP3, said=f"{endpoint.where} is pop3 and no STLS was offered")


IMAP: Final = Probe(
    name="imap",
    rules=(cleartext.IMAP,),
    sends="`a1 CAPABILITY`, `a2 LOGOUT`",
    check=check_imap,
    services=frozenset({"imap", "imaps"}),
    ports=frozenset({143, 993}),
)
POP3: Final = Probe(
    name="pop3",
    rules=(cleartext.POP3,),
    sends="`CAPA`, `STLS` where that is not named, `QUIT`",
    check=check_pop3,
    services=frozenset({"pop3", "pop3s"}),
    ports=frozenset({110, 995}),
)
