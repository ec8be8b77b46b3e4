"""SMTP: whether there is STARTTLS, whether logins are offered without it, and whether it takes mail for anyone."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NAME, NotSpokenError, Probe, Talk, shown, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules import cleartext

AUTH: Final = Rule(
    id="access-smtp-auth-cleartext", title="SMTP takes passwords without TLS", severity=Severity.MEDIUM,
    cwes=("CWE-319", "CWE-523"), why="whoever can read the traffic reads the passwords in it",
    fix="offer AUTH on {port} of {host} after STARTTLS only", controls=("PCI DSS 4.0.1 8.3.2",),
    script="smtp-commands",
)  # fmt: skip
RELAY: Final = Rule(
    id="access-smtp-relay", title="A mail server takes mail from anyone to anyone", severity=Severity.HIGH,
    cwes=("CWE-284",), why="others send their mail through it, under its name",
    fix="let SMTP on {port} of {host} relay for its own networks and logged-in users only",
    controls=("NIST SP 800-45v2",), script="smtp-open-relay",
)  # fmt: skip
_PLAIN: Final = frozenset({"PLAIN", "LOGIN"})
_TO: Final = b"RCPT TO:<scangate@example.invalid>\r\n"


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """No mail is sent: there is no DATA, and the sender is the empty one, to whom nothing is ever returned."""
    with talk(endpoint, ctx) as server:
        banner = _reply(server)
        if not banner.startswith(b"220"):
            raise NotSpokenError("does not greet as SMTP does")
        hello = _reply(server, b"EHLO " + NAME + b"\r\n")
        if not hello.startswith((b"250", b"5")):
            raise NotSpokenError("does not speak SMTP")
        offers = _offers(hello)
        clear = endpoint.tunnel != "ssl"
        if clear and "STARTTLS" not in offers:
            yield Hit(rule=cleartext.SMTP, said=f"{endpoint.where} is smtp and no STARTTLS was offered")
        if clear and (offered := sorted(_PLAIN.intersection(offers.get("AUTH", "").upper().split()))):
            yield Hit(rule=AUTH, said=f"{endpoint.where} offers AUTH {' '.join(offered)} before STARTTLS")
        if not hello.startswith(b"250"):
            _reply(server, b"HELO " + NAME + b"\r\n")
        yield from _relay(server, endpoint, banner)


def _relay(server: Talk, endpoint: Endpoint, banner: bytes) -> Iterator[Hit]:
    try:
        sender = _reply(server, b"MAIL FROM:<>\r\n")
        taken = sender.startswith(b"250") and _reply(server, _TO)
        if taken and taken.startswith((b"250", b"251")):
            yield Hit(
                rule=RELAY,
                said=f"{endpoint.where} took a recipient of a domain that is nobody's, from here and without a login",
                facts=(("answer", shown(taken)), ("banner", shown(banner))),
            )
        _reply(server, b"RSET\r\n")
        _reply(server, b"QUIT\r\n")
    except (NotSpokenError, BrokenError):
        return  # hanging up on such a recipient is an answer too


def _offers(hello: bytes) -> dict[str, str]:
    """The keywords of an EHLO reply, with their parameters."""
    lines = hello.decode("latin-1").splitlines()[1:200]
    words = (line[4:].replace("=", " ", 1).partition(" ") for line in lines)
    return {keyword.upper(): rest for keyword, _space, rest in words}


def _reply(server: Talk, command: bytes = b"") -> bytes:
    if command:
        server.say(command)
    return server.hear(_complete, most=16_384)


def _complete(heard: bytes) -> bool:
    return heard.endswith(b"\n") and heard.rstrip(b"\r\n").rpartition(b"\n")[2][3:4] != b"-"


PROBE: Final = Probe(
    name="smtp",
    rules=(cleartext.SMTP, AUTH, RELAY),
    sends="`EHLO scangate.invalid`, `MAIL FROM:<>`, `RCPT TO:<scangate@example.invalid>`, `RSET`, `QUIT`; never DATA",
    check=check,
    services=frozenset({"smtp", "smtps", "submission", "smtp-proxy"}),
    ports=frozenset({25, 465, 587, 2525}),
)
