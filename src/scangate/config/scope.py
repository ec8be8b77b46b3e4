"""The `scope:` of a config: from what the schema let through to lines that a scan can be held to."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.config.document import Document, Place
from scangate.core.address_kinds import Network
from scangate.core.lines import Line
from scangate.core.scope import DAYS, Scope, Window
from scangate.errors import ConfigError, Problem
from scangate.scanners.network.address import parse_host

WIDEST: Final = {4: 8, 6: 16}
"""The shortest prefix of a line in `allow`: a shorter one names the internet, and not what is one's own."""
_DAY: Final = 24 * 60


def scope_of(document: Document | None) -> Scope:
    """Build the scope of a validated config. Raises ConfigError with every mistake a schema cannot see."""
    data: Mapping[str, Any] = document.data.get("scope", {}) if document else {}
    if document is None or not data:
        return Scope()
    problems: list[Problem] = []
    lines: dict[str, list[Line]] = {"allow": [], "deny": []}
    for key, found in lines.items():
        for index, text in enumerate(data.get(key, ())):
            place: Place = ("scope", key, index)
            try:
                found.append(parse_line(text, widest=WIDEST if key == "allow" else {}))
            except ValueError as error:
                problems.append(document.problem(place, str(error)))
    window = data.get("window")
    if window is not None:
        problems.extend(_mistakes(document, window))
    if problems:
        raise ConfigError(tuple(problems))
    return Scope(
        allow=tuple(lines["allow"]),
        deny=tuple(lines["deny"]),
        window=_window(window) if window is not None else None,
        rate=data.get("rate"),
        rate_total=data.get("rate_total"),
    )


def parse_line(text: str, *, widest: Mapping[int, int]) -> Line:
    """Read an address, a network or a name; networks are refused when their prefix is shorter than `widest` says.

    Raises ValueError with the sentence to show.
    """
    base, slash, prefix = text.partition("/")
    if not slash or "://" in text:
        host = parse_host(text)
        return host.text if host.network is None else host.network
    try:
        # A netmask is not a prefix: ip_network would take both.
        network: Network = ipaddress.ip_network(text if prefix.isdecimal() and prefix.isascii() else "", strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not a network: write it as 10.0.0.0/24 or 2001:db8::/120") from None
    if network.network_address != ipaddress.ip_address(base):
        raise ValueError(
            f"{text!r} is a host inside {network}: write {network} for the network, or {base} for the host"
        )
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError(f"{text!r} is a network of IPv4 addresses: write it as such")
    if network.prefixlen < widest.get(network.version, 0):
        raise ValueError(f"{text!r} is {network.num_addresses:,} addresses: name the networks that are yours")
    return network


def _mistakes(document: Document, window: Mapping[str, Any]) -> Iterator[Problem]:
    place: Place = ("scope", "window")
    if len({"from", "to"} & window.keys()) == 1:
        yield document.problem(place, "`from` and `to` belong together", "give both, or neither for the whole day")
    elif "from" in window and window["from"] == window["to"]:
        yield document.problem(place, "`from` and `to` are the same time", "leave both out for the whole day")
    elif not window:
        yield document.problem(place, "a window says when it is open", "give `days`, or `from` and `to`")


def _window(data: Mapping[str, Any]) -> Window:
    days = frozenset(map(DAYS.index, data.get("days", DAYS)))
    if "from" not in data:
        return Window(days=days)
    start, end = _minutes(data["from"]), _minutes(data["to"])
    return Window(days=days, start=start, minutes=(end - start) % _DAY)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
