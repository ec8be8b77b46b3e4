"""What kind of address an address is, and which one a translated spelling of it ends up at.

The kinds are those of IANA's special-purpose registries (RFC 6890), and what clouds put among them.
"""

import ipaddress
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Reach(StrEnum):
    """A kind of address, in words that end the sentence "10.0.0.1 is ..."."""

    LOOPBACK = "a loopback address"
    PRIVATE = "a private address (RFC 1918)"
    UNIQUE_LOCAL = "a unique local address (RFC 4193)"
    LINK_LOCAL = "a link-local address"
    METADATA = "where clouds hand out credentials (metadata)"
    MULTICAST = "a multicast address"
    BROADCAST = "the broadcast address"
    UNSPECIFIED = "an address of no host (0.0.0.0/8 and ::)"
    RESERVED = "a reserved address"
    DOCUMENTATION = "an address for documentation"
    SHARED = "an address that a provider shares out (100.64.0.0/10)"
    PUBLIC = "a public address"


OWN: Final = frozenset({Reach.LOOPBACK, Reach.PRIVATE, Reach.UNIQUE_LOCAL, Reach.LINK_LOCAL})
"""Nobody else's: what a target may name without a line in the scope."""
NEVER_WIDE: Final = frozenset({Reach.METADATA, Reach.MULTICAST, Reach.BROADCAST, Reach.UNSPECIFIED})
"""What only a line of its own opens: neither a network around it nor a name that leads there."""

# The first that holds an address names its kind, so what is special inside a range stands before it.
# The two /24 hold what AWS, Google, Azure, Oracle, DigitalOcean, OpenStack, ECS and EKS serve to a guest.
_TABLE: Final = """
metadata      169.254.169.0/24 169.254.170.0/24 169.254.0.23/32 169.254.42.42/32 100.100.100.200/32 168.63.129.16/32
metadata      192.0.0.192/32 fd00:ec2::/64 fd20:ce::254/128 fd00:42::42/128 fe80::a9fe:a9fe/128
loopback      127.0.0.0/8 ::1/128
private       10.0.0.0/8 172.16.0.0/12 192.168.0.0/16
unique_local  fc00::/7
link_local    169.254.0.0/16 fe80::/10
unspecified   0.0.0.0/8 ::/128
broadcast     255.255.255.255/32
multicast     224.0.0.0/4 ff00::/8
documentation 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20
shared        100.64.0.0/10
reserved      240.0.0.0/4 192.0.0.0/24 192.88.99.0/24 198.18.0.0/15 100::/64 fec0::/10 2001::/23 ::/8
"""
_KINDS: Final = tuple(
    (ipaddress.ip_network(text), Reach[line.split()[0].upper()])
    for line in _TABLE.strip().splitlines()
    for text in line.split()[1:]
)
KIND_NETWORKS: Final[tuple[Network, ...]] = tuple(network for network, _reach in _KINDS)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL: Final = ipaddress.IPv6Network("64:ff9b:1::/48")
_SIIT: Final = ipaddress.IPv6Network("::ffff:0:0:0/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
TRANSLATED: Final[tuple[Network, ...]] = (
    _NAT64, _NAT64_LOCAL, _SIIT, _COMPATIBLE, *map(ipaddress.IPv6Network, ("::ffff:0:0/96", "2002::/16", "2001::/32"))
)  # fmt: skip
"""Networks whose addresses stand for IPv4 addresses, but for ISATAP, which can be anywhere."""


def reach(address: Address) -> Reach:
    """Tell the kind of an address as it is written; see `meant` for what it leads to."""
    return next((kind for net, kind in _KINDS if net.version == address.version and address in net), Reach.PUBLIC)


def meant(address: Address) -> Iterator[Address]:
    """Every address that a packet to this one may end up at, itself first: IPv6 spells IPv4 in eight ways."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        yield from dict.fromkeys(_within(address))


def plain(address: Address) -> Address:
    """The address without the spelling that the system itself undoes: ::ffff:10.0.0.1 is 10.0.0.1."""
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _within(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    number = int(address)
    last = ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if address.ipv4_mapped is not None or address in _NAT64 or address in _SIIT:
        yield last
    if address in _COMPATIBLE and number >> 16:  # ::1 and its like are no IPv4 address
        yield last
    if address in _NAT64_LOCAL:
        # Whoever runs it chose how long the prefix is (RFC 6052, 2.2), and the octet at bit 64 is left out.
        yield last
        halves = (number >> 64) & 0xFFFF, (number >> 24) & 0xFFFFFFFF
        yield ipaddress.IPv4Address(halves[0] << 16 | halves[1] >> 16)
        yield ipaddress.IPv4Address((halves[0] & 0xFF) << 24 | halves[1] >> 8)
        yield ipaddress.IPv4Address(halves[1])
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:  # the server is sent to as well as the client
        yield from address.teredo
    if (number >> 32) & 0xFFFFFFFF in _ISATAP:
        yield last
