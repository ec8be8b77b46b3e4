"""FTP: whether there is TLS, and whether `anonymous` is let in."""

from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, Talk, shown, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules import cleartext, unauthenticated


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Log in as `anonymous`, and leave. TLS that is offered but not required passes."""
    with talk(endpoint, ctx) as server:
        banner = _reply(server)
        if not banner.startswith((b"220", b"120")):
            raise NotSpokenError("does not speak FTP")
        said = _reply(server, b"USER anonymous\r\n")
        if said.startswith(b"331"):
            said = _reply(server, b"PASS scangate@\r\n")
        if said.startswith(b"230"):
            yield Hit(
                rule=unauthenticated.FTP,
                said=f"{endpoint.where} let `anonymous` log in",
                facts=(("answer", shown(said)), ("banner", shown(banner))),
            )
        _leave(server)
    if endpoint.tunnel != "ssl":
        yield from _cleartext(endpoint, ctx)


def _cleartext(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    with talk(endpoint, ctx) as server:
        _reply(server)
        offered = _reply(server, b"AUTH TLS\r\n").startswith((b"234", b"334"))
        if not offered:
            _leave(server)
    if not offered:
        yield Hit(rule=cleartext.FTP, said=f"{endpoint.where} is ftp and no TLS was offered")


def _reply(server: Talk, command: bytes = b"") -> bytes:
    """One reply, which ends with the line that has its number and a space (RFC 959)."""
    if command:
        server.say(command)
    return server.hear(_complete, most=16_384)


def _complete(heard: bytes) -> bool:
    if not heard.endswith(b"\n"):
        return False
    last = heard.rstrip(b"\r\n").rpartition(b"\n")[2]
    return last[:3] == heard[:3] and last[3:4] in (b" ", b"")


def _leave(server: Talk) -> None:
    try:
        _reply(server, b"QUIT\r\n")
    except (NotSpokenError, BrokenError):
        return


PROBE: Final = Probe(
    name="ftp",
    rules=(unauthenticated.FTP, cleartext.FTP),
    sends=r"`USER anonymous`, `PASS scangate@`, `QUIT`; on a second connection `AUTH TLS`, `QUIT`",
    check=check,
    services=frozenset({"ftp", "ftps"}),
    ports=frozenset({21, 990, 2121}),
)
