"""Open proxies over HTTP and SOCKS 5. They are asked for themselves: no packet leaves for another address."""

import ipaddress
from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.api import either
from scangate.scanners.access.probe import NotSpokenError, Probe, shown, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.client import AGENT, NotHttpError, NoTlsError, ask
from scangate.scanners.web.message import Answer, parse

OPEN: Final = Rule(
    id="access-open-proxy", title="A proxy works for anyone", severity=Severity.HIGH, cwes=("CWE-441",),
    why="others reach through it what they could not, under its name",
    fix="let the proxy on {port} of {host} work for its own networks and logged-in users only",
    controls=("NIST SP 800-53r5 SC-7",), script="http-open-proxy",
)  # fmt: skip
_CONNECTED: Final = 200
_WITH_BODY: Final = frozenset({"content-length", "transfer-encoding"})
_PORTS: Final = frozenset({3128, 8080, 8118, 8123, 8888})


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """A web server answers to a whole URL too (RFC 9112); what was passed on bears a `Via` more than what was not."""
    plain, tls = either(endpoint, ctx, partial(_ask, endpoint, ctx, "/"))
    try:
        passed_on = _ask(endpoint, ctx, f"http://{_itself(endpoint)}/", tls)
        if passed_on.status not in (403, 407) and len(_via(passed_on)) > len(_via(plain)):
            facts = (("asked", "GET of itself"), ("via", shown(passed_on.get("via"))))
            yield Hit(rule=OPEN, said=f"{endpoint.where} passed on a request", facts=facts)
            return
    except (NotHttpError, NoTlsError, BrokenError):
        pass  # it may hang up on a request for itself, and connect all the same
    if not tls and _tunnels(endpoint, ctx):
        yield Hit(rule=OPEN, said=f"{endpoint.where} connected to itself", facts=(("asked", "CONNECT to itself"),))


def check_socks(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Offer no login, and ask for a connection to the proxy itself."""
    address = ipaddress.ip_address(endpoint.address)
    kind = b"\x01" if address.version == 4 else b"\x04"  # noqa: PLR2004
    with talk(endpoint, ctx) as server:
        chosen = server.ask(b"\x05\x01\x00", lambda heard: len(heard) >= 2, most=64)  # noqa: PLR2004
        if chosen[:1] != b"\x05" or len(chosen) != 2 or chosen[1] not in (0, 1, 2, 255):  # noqa: PLR2004
            raise NotSpokenError("does not speak SOCKS 5")
        if chosen[1]:
            return
        try:
            asked = b"\x05\x01\x00" + kind + address.packed + endpoint.port.to_bytes(2, "big")
            answer = server.ask(asked, lambda heard: len(heard) >= 2, most=512)  # noqa: PLR2004
        except (NotSpokenError, BrokenError):
            return
    if answer[:2] == b"\x05\x00":
        yield Hit(rule=OPEN, said=f"{endpoint.where} connected to itself by SOCKS 5 without a login")


def _tunnels(endpoint: Endpoint, ctx: Context) -> bool:
    """A server that is no proxy may say 200 to CONNECT, but with a body; through a tunnel comes a second answer."""
    itself = _itself(endpoint)
    head = f"Host: {itself}\r\nUser-Agent: {AGENT}\r\n\r\n"
    with talk(endpoint, ctx) as server:
        try:
            read = parse(
                server.ask(f"CONNECT {itself} HTTP/1.1\r\n{head}".encode(), lambda heard: b"\r\n\r\n" in heard)
            )
            if read is None or read[0].status != _CONNECTED or _WITH_BODY & dict(read[0].headers).keys():
                return False
            return server.line(f"HEAD / HTTP/1.1\r\n{head}".encode()).startswith(b"HTTP/1.")
        except (NotSpokenError, BrokenError):
            return False


def _ask(endpoint: Endpoint, ctx: Context, path: str, tls: bool) -> Answer:
    return ask(endpoint, ctx, path, tls=tls, most=4_096)


def _via(answer: Answer) -> list[str]:
    return [each for each in answer.get("via").split(",") if each.strip()]


def _itself(endpoint: Endpoint) -> str:
    return f"[{endpoint.address}]:{endpoint.port}" if ":" in endpoint.address else f"{endpoint.address}:{endpoint.port}"


PROBE: Final = Probe(
    name="http proxy",
    rules=(OPEN,),
    sends="`GET /`, `GET http://ADDRESS:PORT/`, `CONNECT ADDRESS:PORT` and `HEAD /` through it, all of itself",
    check=check,
    services=frozenset({"http-proxy", "squid-http"}),
    ports=_PORTS,
    products=frozenset({"proxy", "squid"}),
)
PROBE_SOCKS: Final = Probe(
    name="socks",
    rules=(OPEN,),
    sends="`05 01 00`; `05 01 00` with the address and port of itself",
    check=check_socks,
    services=frozenset({"socks5", "socks"}),
    ports=frozenset({1080}),
)
