"""What the user may name, and the sentence for what they may not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.scanners.network.address import (
    MAX_ADDRESSES,
    Expected,
    PortRange,
    Protocol,
    parse_expect,
    parse_host,
    parse_hosts,
    parse_ports,
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("10.0.0.5/32", "10.0.0.5"),
        ("2001:db8::/120", "2001:db8::/120"),
        ("localhost", "localhost"),
        ("Edge.Example.COM.", "edge.example.com"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("3com.example", "3com.example"),
    ],
)
def test_hosts_are_made_canonical(text, canonical):
    assert parse_host(text).text == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a host"),
        ("-oN", "is not a host"),
        ("--script=x", "is not a host"),
        ("127.0.0.11 -oN /tmp/x", "is not a host"),
        ("a\nb", "is not a host"),
        ("bücher.example", "ASCII"),
        ("https://example.com", "is a URL"),
        ("example.com:443", "names a port"),
        ("[::1]:443", "names a port"),
        ("fe80::1%eth0", "has a zone"),
        ("my_host", "is not a host name"),
        ("-a.example", "is not a host"),
        ("a-.example", "is not a host name"),
        ("a..example", "is not a host name"),
        ("a" * 64 + ".example", "is not a host name"),
        ("127.1", "is not an address"),
        ("2130706433", "is not an address"),
        ("0x7f.1", "is not an address"),
        ("010.0.0.1", "is not an address"),
        ("10.0.0.1-20", "is not an address"),
        ("10.0.0.300", "is not an address"),
        ("0.0.0.0", "is not the address of a host"),
        ("224.0.0.1", "is not the address of a host"),
        ("ff02::1", "is not the address of a host"),
        ("255.255.255.255", "is not the address of a host"),
        ("10.0.0.5/24", "write 10.0.0.0/24 for the network, or 10.0.0.5 for the host"),
        ("10.0.0.0/255.255.255.0", "is not a network"),
        ("10.0.0.0/33", "is not a network"),
        ("example.com/24", "is not a network"),
        ("10.0.0.0/8", "one target holds 65,536 at most"),
        ("2001:db8::/64", "one target holds 65,536 at most"),
        ("224.0.0.0/24", "is not a network of hosts"),
        ("::ffff:10.0.0.0/120", "network of IPv4 addresses"),
    ],
)
def test_what_is_no_host_is_refused_with_a_sentence(text, said):
    with pytest.raises(ValueError, match=said.replace(".", r"\.")):
        parse_host(text)


def test_a_target_holds_a_bounded_number_of_addresses():
    assert len(parse_hosts(["10.0.0.0/16"])) == 1
    with pytest.raises(ValueError, match=f"{MAX_ADDRESSES:,} at most"):
        parse_hosts(["10.0.0.0/16", "10.1.0.1"])


@given(st.text(max_size=60))
def test_no_accepted_host_can_be_an_option_or_two_words(text):
    try:
        host = parse_host(text)
    except ValueError:
        return
    assert not host.text.startswith("-")
    assert host.text.isascii()
    assert not set(host.text) & set(" \t\r\n,;'\"%@")
    assert parse_host(host.text) == host


@given(st.ip_addresses())
def test_every_unicast_address_is_accepted_in_its_own_spelling(address):
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_multicast or mapped.is_unspecified or str(mapped) == "255.255.255.255":
        return
    assert parse_host(str(address)).text == str(mapped)


def _tcp(first, last=None):
    return PortRange(protocol=Protocol.TCP, first=first, last=last or first)


def test_ports_are_sorted_and_merged():
    assert parse_ports("") == ()
    assert parse_ports("80,22, 1000-1024") == (_tcp(22), _tcp(80), _tcp(1000, 1024))
    assert parse_ports("22-25,24-30,31") == (_tcp(22, 31),)
    assert parse_ports("T:80, U:53,161, T:22") == (
        _tcp(22),
        _tcp(80),
        PortRange(protocol=Protocol.UDP, first=53, last=53),
        PortRange(protocol=Protocol.UDP, first=161, last=161),
    )


@pytest.mark.parametrize(
    "text", ["22-", "-5", "0", "65536", "5-3", "S:4", "http", "22,,3", "1 2", "-sC", "\uff11", "T:", "1-2-3"]
)
def test_what_is_no_list_of_ports_is_refused(text):
    with pytest.raises(ValueError, match="is not a list of ports"):
        parse_ports(text)


@given(st.lists(st.tuples(st.integers(1, 65535), st.integers(0, 2000)), max_size=8))
def test_a_list_of_ports_means_what_it_lists(pairs):
    ranges = [(first, min(65535, first + more)) for first, more in pairs]
    found = parse_ports(",".join(f"{first}-{last}" for first, last in ranges))
    assert {port for each in found for port in range(each.first, each.last + 1)} == {
        port for first, last in ranges for port in range(first, last + 1)
    }
    assert all(before.last + 1 < after.first for before, after in pairwise(found))


def test_expected_ports_are_tcp_unless_they_say_udp():
    assert parse_expect("80") == parse_expect("80/tcp") == Expected(protocol=Protocol.TCP, port=80)
    assert str(parse_expect("53/udp")) == "53/udp"


@pytest.mark.parametrize("text", ["", "http", "80/", "80/sctp", "0", "70000/tcp", "tcp/80", "22,80"])
def test_what_is_no_expected_port_is_refused(text):
    with pytest.raises(ValueError, match="is not an expected port"):
        parse_expect(text)
