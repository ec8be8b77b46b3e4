"""Which greetings are sent to one endpoint, and what follows from the answers.

A suite that was accepted is left out of the next greeting, until the server finds none that it likes. Of the first old
version each kind of suite is asked for by itself, the worst kinds first: so it is known which kinds there are, even
where a server accepts more suites than connections are allowed. Of the other versions only what is not known yet.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from scangate.scanners.tls import suites as known
from scangate.scanners.tls.hello import client_hello
from scangate.scanners.tls.keys import Shares
from scangate.scanners.tls.line import Line
from scangate.scanners.tls.reveal import reveal
from scangate.scanners.tls.spoken import Spoken
from scangate.scanners.tls.versions import Version
from scangate.scanners.tls.wire import Flight, OtherProtocolError

AT_ONCE: Final = 120
"""Suites in one greeting: some servers take no more than 128."""
RESERVED: Final = 8
"""Connections that are kept for what comes after the suites."""
_INAPPROPRIATE_FALLBACK: Final = 86
_OLD: Final = (Version.TLS12, Version.TLS11, Version.TLS10, Version.SSL3)


def speaks(line: Line, *, sure: bool) -> bool:
    """Whether it speaks TLS. `sure`: somebody says so, and it is worth more greetings. Raises what a Line raises."""
    flight = _first(line)
    if flight and (flight.hello or flight.alert is not None):
        return True
    if not sure:
        return False
    return any(_choice(line, version, _common(version)) is not None for version in reversed(_OLD)) or line.ask_ssl2()


def probe(line: Line, spoken: Spoken) -> None:
    """Find out all that is asked of a server that speaks TLS; `spoken` has what is known when a ScanError is raised."""
    for version in (Version.TLS13, *_OLD):
        found, cut = _accepted(line, version, spoken)
        if found:
            spoken.suites[version] = found
        if cut:
            spoken.cut.add(version)
        spoken.connections = line.made
    if line.left and line.ask_ssl2():
        spoken.suites[Version.SSL2] = ()
    reveal(line, spoken)
    spoken.fallback = _notices_fallback(line, spoken)
    spoken.connections = line.made


def _first(line: Line) -> Flight | None:
    """Greet with everything at once, as a client of today does."""
    offered = (*known.valid_in(Version.TLS13)[:3], *_common(Version.TLS12))
    versions = (Version.TLS13, Version.TLS12, Version.TLS11, Version.TLS10)
    shares = Shares(all_groups=False).public
    try:
        return line.ask(client_hello(Version.TLS13, offered, name=line.name, versions=versions, shares=shares))
    except OtherProtocolError:
        return None


def _common(version: Version) -> tuple[int, ...]:
    return known.valid_in(version)[: AT_ONCE - 10]


def _accepted(line: Line, version: Version, spoken: Spoken) -> tuple[tuple[int, ...], bool]:
    """The suites that a version accepts, and whether there may be more."""
    if version is Version.TLS13:
        return _eliminate(line, version, known.valid_in(version), line.left // 6)
    older = {code for each, codes in spoken.suites.items() if each is not Version.TLS13 for code in codes}
    if not older:
        share = max(2, (line.left - RESERVED) // 7)
        parts = [_eliminate(line, version, group, share) for group in known.groups(version)]
        return tuple(code for codes, _cut in parts for code in codes), any(cut for _codes, cut in parts)
    valid = known.valid_in(version)
    shared = tuple(code for code in valid if code in older)
    found = [chosen] if (chosen := _choice(line, version, shared)) is not None else []
    rest, cut = _eliminate(line, version, [code for code in valid if code not in older], max(3, line.left // 6))
    # What a newer version accepts is not asked for one by one: only the version is news.
    return (*found, *rest), cut


def _eliminate(line: Line, version: Version, codes: Sequence[int], share: int) -> tuple[tuple[int, ...], bool]:
    """Ask until none of the codes is accepted any more; True when `share` connections were not enough for that."""
    found: list[int] = []
    pieces = [codes[at : at + AT_ONCE] for at in range(0, len(codes), AT_ONCE)]
    for number, piece in enumerate(pieces):
        left = list(piece)
        while left:
            # Each piece that is still to come needs at least the one greeting that says whether there is anything.
            if share <= len(pieces) - number - 1 or line.left <= RESERVED:
                return tuple(found), True
            share -= 1
            chosen = _choice(line, version, left)
            if chosen is None:
                break
            found.append(chosen)
            left.remove(chosen)
    return tuple(found), False


def _choice(line: Line, version: Version, codes: Iterable[int]) -> int | None:
    """The suite that a server chooses of these in a version; None when it wants none of them."""
    offered = tuple(codes)
    if not offered:
        return None
    shares = Shares(all_groups=False).public if version is Version.TLS13 else None
    try:
        flight = line.ask(client_hello(version, offered, name=line.name, shares=shares))
    except OtherProtocolError:
        return None
    hello = flight.hello
    return hello.suite if hello and hello.version == version and hello.suite in offered else None


def _notices_fallback(line: Line, spoken: Spoken) -> bool | None:
    """Whether a client that was talked down to an older version is told so; None where that makes no difference."""
    worse = [version for version in spoken.versions if Version.SSL3 <= version < Version.TLS12]
    if not worse or len(spoken.versions) - (Version.SSL2 in spoken.suites) < 2 or not line.left:  # noqa: PLR2004
        return None
    version = worse[0]
    if version is spoken.best:
        version = worse[1]
    flight = line.ask(client_hello(version, _common(version), name=line.name, fallback=True))
    if flight.alert == _INAPPROPRIATE_FALLBACK:
        return True
    return False if flight.hello else None
