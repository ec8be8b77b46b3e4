"""The greetings that have a server show its certificates, and what else it says on the way."""

from typing import Final

from scangate.scanners.tls import suites as known
from scangate.scanners.tls.answer import (
    ALPN,
    CERTIFICATE,
    ENCRYPTED_EXTENSIONS,
    HEARTBEAT,
    HELLO_DONE,
    KEY_EXCHANGE,
    RENEGOTIATION,
    SCT,
    STATUS,
    STATUS_REQUEST,
    Reader,
    ServerHello,
    certificates,
    dh_bits,
    extensions,
    protocol_name,
)
from scangate.scanners.tls.hello import client_hello, handshake
from scangate.scanners.tls.keys import Shares
from scangate.scanners.tls.line import Line
from scangate.scanners.tls.spoken import Spoken
from scangate.scanners.tls.stream import MalformedError
from scangate.scanners.tls.versions import Version
from scangate.scanners.tls.wire import Flight, Opener

_NO_APPLICATION_PROTOCOL: Final = 120
_WEB: Final = (b"h2", b"http/1.1")


def reveal(line: Line, spoken: Spoken) -> None:
    """Add chains and what came with them. Raises MalformedError for a chain that cannot be read."""
    old = max((version for version in spoken.suites if Version.SSL3 <= version < Version.TLS13), default=None)
    if old:
        for offered in _by_key(spoken.suites[old], spoken):
            _take(line, spoken, old, offered)
        _measure(line, spoken, old)
    if Version.TLS13 in spoken.suites and not spoken.chains:
        _take(line, spoken, Version.TLS13, spoken.suites[Version.TLS13])


def _by_key(accepted: tuple[int, ...], spoken: Spoken) -> list[tuple[int, ...]]:
    """Divide suites by the kind of certificate they need: a server may have one of each."""
    every = dict.fromkeys((*accepted, *(code for codes in spoken.suites.values() for code in codes)))
    kinds: dict[str, list[int]] = {}
    for code in every:
        if kind := known.signed_by(known.name(code)):
            kinds.setdefault(kind, []).append(code)
    # Without any of these there is no certificate, but still something to be heard.
    return [tuple(kinds[kind]) for kind in sorted(kinds)] or [accepted]


def _take(line: Line, spoken: Spoken, version: Version, offered: tuple[int, ...]) -> None:
    usable = tuple(code for code in offered if code in known.valid_in(version))
    if not usable or not line.left:
        return
    protocols = () if line.protocol else _WEB
    flight = _curious(line, version, usable, protocols)
    if flight.alert == _NO_APPLICATION_PROTOCOL and line.left:
        flight = _curious(line, version, usable, ())
    if not flight.hello:
        return
    beside = _encrypted(flight) if version is Version.TLS13 else flight.hello.extensions
    body = flight.body(CERTIFICATE)
    if body:
        chain, with_leaf, more = certificates(body, version)
        spoken.overlong |= more
        if chain and chain not in spoken.chains:
            spoken.chains.append(chain)
        spoken.stapled = bool(spoken.stapled) or flight.body(STATUS) is not None or STATUS_REQUEST in with_leaf
        spoken.timestamps = bool(spoken.timestamps) or SCT in beside or SCT in with_leaf
    spoken.protocol = spoken.protocol or protocol_name(beside.get(ALPN, b""))
    if version is not Version.TLS13:
        spoken.renegotiation = RENEGOTIATION in beside
        spoken.compression = bool(spoken.compression) or flight.hello.compression != 0
        spoken.heartbeat = bool(spoken.heartbeat) or HEARTBEAT in beside


def _curious(line: Line, version: Version, offered: tuple[int, ...], protocols: tuple[bytes, ...]) -> Flight:
    if version is not Version.TLS13:
        greeting = client_hello(version, offered, name=line.name, curious=True, protocols=protocols)
        return line.ask(greeting, until=HELLO_DONE)
    shares = Shares(all_groups=True)
    greeting = client_hello(version, offered, name=line.name, shares=shares.public, curious=True, protocols=protocols)

    def unlock(hello: ServerHello, raw: bytes) -> Opener:
        return shares.unlock(handshake(greeting), hello, raw)

    flight = line.ask(greeting, until=CERTIFICATE, unlock=unlock)
    if flight.hello and flight.hello.retry:
        raise MalformedError("wants a key exchange of TLS 1.3 that is not known here: its certificate was not seen")
    return flight


def _encrypted(flight: Flight) -> dict[int, bytes]:
    body = flight.body(ENCRYPTED_EXTENSIONS)
    return extensions(Reader(body).block(2)) if body else {}


def _measure(line: Line, spoken: Spoken, version: Version) -> None:
    """The prime of the Diffie-Hellman exchange, where there is one."""
    finite = tuple(code for code in spoken.suites[version] if "_DHE_" in known.name(code))
    if not finite or not line.left:
        return
    flight = line.ask(client_hello(version, finite, name=line.name), until=HELLO_DONE)
    if body := flight.body(KEY_EXCHANGE):
        spoken.dh_bits = dh_bits(body)
