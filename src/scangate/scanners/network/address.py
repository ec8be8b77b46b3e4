"""What the user may name as hosts, ports and expected ports; refused with one good sentence, or made canonical.

Nothing that was not through here ever reaches nmap, so no target can be read as one of its options.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scangate.core.address_kinds import Network

MAX_ADDRESSES: Final = 65_536
"""Addresses that one target may hold, its networks counted out."""
MAX_PORT: Final = 65_535
MAX_NAME: Final = 253
"""Characters of a host name (RFC 1123, RFC 1035)."""

_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
# Names end in a label with a letter: inet_aton and nmap would make addresses of 10.1, 0x7f.1 and 10.0.0.1-20.
_NUMERIC_END: Final = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9-]+)\.?")
_WITH_PORT: Final = re.compile(r"\[[^\]]*\]:.*|[^:]*:[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One thing to scan. `text` is its canonical spelling: an address, a network in CIDR form, or a lower-case name.

    `network` holds a single address as a network of one; it is None for a name.
    """

    text: str
    network: Network | None = None

    @property
    def is_network(self) -> bool:
        """True for more than one address."""
        return self.network is not None and self.network.num_addresses > 1

    @property
    def count(self) -> int:
        """Addresses; a name counts one until it is resolved."""
        return self.network.num_addresses if self.network else 1


class Protocol(StrEnum):
    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PortRange:
    """Ports `first` to `last` of one protocol, both included."""

    protocol: Protocol
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Expected:
    """A port that may be open."""

    protocol: Protocol
    port: int

    def __str__(self) -> str:
        return f"{self.port}/{self.protocol}"


def parse_host(text: str) -> Host:
    """Read an address (IPv6 also in brackets), a network in CIDR form, or a host name by RFC 1123.

    Raises ValueError with the sentence to show.
    """
    if not text or text.startswith("-") or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"{text!r} is not a host: write an address, a network (10.0.0.0/24), or an ASCII host name")
    if "://" in text:
        raise ValueError(f"{text!r} is a URL: write the host alone")
    if "%" in text:
        raise ValueError(f"{text!r} has a zone: addresses that mean something on one link only cannot be scanned")
    if _WITH_PORT.fullmatch(text):
        raise ValueError(f"{text!r} names a port: write the host alone, and its ports in `ports`")
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") and ":" in text else text
    if "/" in bare:
        return _network(bare)
    if ":" in bare or _NUMERIC_END.fullmatch(bare.lower()):
        return _address(bare)
    return _name(bare)


def parse_hosts(texts: Iterable[str]) -> tuple[Host, ...]:
    """Read all hosts of one target. Raises ValueError when they hold more than MAX_ADDRESSES."""
    hosts = tuple(map(parse_host, texts))
    if (total := sum(host.count for host in hosts)) > MAX_ADDRESSES:
        raise ValueError(f"the hosts are {total:,} addresses: one target holds {MAX_ADDRESSES:,} at most")
    return hosts


def parse_ports(text: str) -> tuple[PortRange, ...]:
    """Read `22,80,1000-1024` or `T:22,80,U:53`: sorted, without overlaps; empty for an empty text.

    Raises ValueError with the sentence to show.
    """
    protocol = Protocol.TCP
    found: list[PortRange] = []
    for part in text.split(",") if text.strip() else ():
        prefix, colon, rest = part.strip().rpartition(":")
        if colon:
            protocol = _protocol(prefix.strip(), text)
        first, dash, last = rest.strip().partition("-")
        try:
            low = _port(first.strip())
            high = _port(last.strip()) if dash else low
        except ValueError as error:
            raise ValueError(f"{text!r} is not a list of ports such as 22,80,1000-1024 or T:22,U:53: {error}") from None
        if low > high:
            raise ValueError(f"{text!r} is not a list of ports: {low}-{high} runs backwards")
        found.append(PortRange(protocol=protocol, first=low, last=high))
    return _merged(found)


def parse_expect(text: str) -> Expected:
    """Read `80/tcp`, `53/udp`, or `80` for tcp. Raises ValueError with the sentence to show."""
    number, slash, protocol = text.strip().partition("/")
    if slash and protocol not in set(Protocol):
        raise ValueError(f"{text!r} is not an expected port: write it as 443/tcp or 53/udp")
    try:
        return Expected(protocol=Protocol(protocol or "tcp"), port=_port(number))
    except ValueError as error:
        raise ValueError(f"{text!r} is not an expected port such as 443/tcp or 53/udp: {error}") from None


def _network(text: str) -> Host:
    base, _, prefix = text.partition("/")
    try:
        # A netmask is not a prefix: ip_network would take both.
        loose = ipaddress.ip_network(text if _NUMBER.fullmatch(prefix) else "", strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not a network: write it as 10.0.0.0/24 or 2001:db8::/120") from None
    if loose.num_addresses == 1:
        return _address(base)
    if str(loose.network_address) != str(ipaddress.ip_address(base)):
        raise ValueError(f"{text!r} is a host inside {loose}: write {loose} for the network, or {base} for the host")
    if loose.num_addresses > MAX_ADDRESSES:
        raise ValueError(f"{text!r} is {loose.num_addresses:,} addresses: one target holds {MAX_ADDRESSES:,} at most")
    if loose.is_multicast or loose.network_address.is_unspecified:
        raise ValueError(f"{text!r} is not a network of hosts")
    if isinstance(loose, ipaddress.IPv6Network) and loose.network_address.ipv4_mapped is not None:
        raise ValueError(f"{text!r} is a network of IPv4 addresses: write it as such")
    return Host(text=str(loose), network=loose)


def _address(text: str) -> Host:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an address such as 192.0.2.7, 2001:db8::7, or 192.0.2.0/24") from None
    if isinstance(address, ipaddress.IPv6Address):
        # The same host: under its IPv6 spelling it would slip through an `exclude`.
        address = address.ipv4_mapped or address
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise ValueError(f"{text!r} is not the address of a host")
    return Host(text=str(address), network=ipaddress.ip_network(address))


def _name(text: str) -> Host:
    name = text.lower().removesuffix(".")
    if len(name) > MAX_NAME or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(f"{text!r} is not a host name: letters, digits, inner hyphens and dots (RFC 1123)")
    return Host(text=name)


def _protocol(prefix: str, text: str) -> Protocol:
    if prefix not in ("T", "U"):
        raise ValueError(f"{text!r} is not a list of ports: {prefix!r} is not a protocol, write T: or U:")
    return Protocol.TCP if prefix == "T" else Protocol.UDP


def _port(text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_PORT:
        raise ValueError(f"{text!r} is not a port from 1 to {MAX_PORT}")
    return int(text)


def _merged(ranges: Iterable[PortRange]) -> tuple[PortRange, ...]:
    merged: list[PortRange] = []
    for each in sorted(ranges):
        last = merged[-1] if merged else None
        if last and last.protocol is each.protocol and each.first <= last.last + 1:
            merged[-1] = PortRange(protocol=last.protocol, first=last.first, last=max(last.last, each.last))
        else:
            merged.append(each)
    return tuple(merged)
