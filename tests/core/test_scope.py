"""Where packets may go: one's own by its range, the rest by a line; and no spelling of an address gets past one."""

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.core.address_kinds import Reach, meant, reach
from scangate.core.scope import Scope, Window, parts, permit


def address(text):
    return ipaddress.ip_address(text)


def lines(*texts):
    return tuple(ipaddress.ip_network(each) if each[0].isdigit() or ":" in each else each for each in texts)


OWN = (
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "fd12::1",
    "169.254.1.1",
    "fe80::1",
)
FOREIGN = (
    "8.8.8.8", "172.32.0.1", "100.64.0.1", "192.0.2.1", "203.0.113.10", "2001:db8::1", "2606:4700::1111", "240.0.0.1",
    "198.18.0.1", "2001:2::1",
)  # fmt: skip
NOBODYS = (
    "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "169.254.170.2",
    "fe80::a9fe:a9fe", "fd20:ce::254", "0.0.0.0", "::", "0.1.2.3", "224.0.0.1", "ff02::1", "255.255.255.255",
)  # fmt: skip


def spellings(text):
    """Every IPv6 address that leads to an IPv4 one."""
    four = int(ipaddress.IPv4Address(text))
    yield ipaddress.IPv6Address(0xFFFF << 32 | four)  # mapped
    yield ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | four)  # NAT64
    yield ipaddress.IPv6Address(int(ipaddress.IPv6Address("::ffff:0:0:0")) | four)  # SIIT
    yield ipaddress.IPv6Address(0x2002 << 112 | four << 80 | 1)  # 6to4
    yield ipaddress.IPv6Address(int(ipaddress.IPv6Address("2001:0:a00:1::")) | (four ^ 0xFFFFFFFF))  # Teredo's client
    yield ipaddress.IPv6Address(0x20010000 << 96 | four << 64 | 0xFFFFFFFF ^ 0x0A000001)  # Teredo's server
    yield ipaddress.IPv6Address(int(ipaddress.IPv6Address("fd00::5efe:0:0")) | four)  # ISATAP
    if four >> 16:
        yield ipaddress.IPv6Address(four)  # compatible


@pytest.mark.parametrize("text", OWN)
def test_what_is_ones_own_by_its_range_is_permitted(text):
    assert permit(address(text), Scope()).allowed


@pytest.mark.parametrize("text", FOREIGN)
def test_what_may_be_somebody_elses_needs_a_line(text):
    assert permit(address(text), Scope()).because.endswith("that no line of `allow` names")
    assert permit(address(text), Scope(allow=lines(text))).allowed
    around = ipaddress.ip_network(text).supernet(new_prefix=28 if "." in text else 64)
    permission = permit(address(text), Scope(allow=(around,)))
    assert permission.allowed
    assert permission.because.endswith(f"that `allow` names as {around}")


@pytest.mark.parametrize("text", NOBODYS)
def test_what_no_scan_means_needs_a_line_of_its_own(text):
    wide = (*lines("0.0.0.0/0", "::/0", "169.254.0.0/16", "fe80::/10"), "edge.example.com")
    names = (("edge.example.com", (address(text),)),)
    refused = permit(address(text), Scope(allow=wide, names=names), named_by="edge.example.com")
    assert not refused.allowed
    assert refused.because.endswith("that only a line of its own in `allow` opens")
    assert permit(address(text), Scope(allow=lines(text))).allowed


@pytest.mark.parametrize("text", [*(each for each in (*OWN, *FOREIGN, *NOBODYS) if "." in each)])
def test_an_address_inside_another_is_judged_by_what_it_leads_to(text):
    plain = permit(address(text), Scope())
    for spelling in spellings(text):
        assert not permit(spelling, Scope(deny=lines(text))).allowed, spelling
        if text.startswith("10.") or not plain.allowed:
            assert permit(spelling, Scope()).allowed == plain.allowed, spelling


def test_a_line_for_the_outer_spelling_does_not_open_what_lies_inside():
    metadata = next(each for each in spellings("169.254.169.254") if each in ipaddress.ip_network("64:ff9b::/96"))
    assert not permit(metadata, Scope(allow=lines("64:ff9b::/96"))).allowed
    public = next(each for each in spellings("8.8.8.8") if each in ipaddress.ip_network("64:ff9b::/96"))
    assert permit(public, Scope(allow=lines("64:ff9b::/96"))).allowed
    assert permit(public, Scope(allow=lines("8.8.8.8"))).allowed


def test_nat64_of_ones_own_hides_no_address_whatever_the_length_of_its_prefix():
    for text in ("64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9:fe:a9fe:0:0", "64:ff9b:1:0:a9:fea9:fe00:0"):
        assert address("169.254.169.254") in meant(address(text)), text
        assert not permit(address(text), Scope(allow=lines("64:ff9b:1::/48"))).allowed


def test_deny_always_wins():
    scope = Scope(allow=lines("10.0.0.1", "10.0.0.0/24", "db.example.com"), deny=lines("10.0.0.0/8"))
    assert permit(address("10.0.0.1"), scope).because == "denied by the scope's line 10.0.0.0/8"
    assert not permit(address("::ffff:10.0.0.1"), scope).allowed


def test_a_name_covers_the_addresses_it_had_when_the_scan_began():
    scope = Scope(allow=("edge.example.com",), names=(("edge.example.com", (address("203.0.113.10"),)),))
    assert permit(address("203.0.113.10"), scope).because == (
        "an address for documentation that `allow` names as edge.example.com"
    )
    assert not permit(address("203.0.113.11"), scope, named_by="edge.example.com").allowed


def test_a_denied_name_is_denied_under_any_address_and_its_addresses_under_any_name():
    scope = Scope(deny=("db.example.com",), names=(("db.example.com", (address("10.0.0.9"),)),))
    assert not permit(address("10.0.0.1"), scope, named_by="db.example.com").allowed
    assert not permit(address("10.0.0.9"), scope).allowed
    assert permit(address("10.0.0.1"), scope).allowed


ANY = st.one_of(
    st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address),
    st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address),
    st.sampled_from([address(each) for each in (*OWN, *FOREIGN, *NOBODYS)]),
    st.sampled_from([each for text in ("10.0.0.1", "8.8.8.8", "169.254.169.254") for each in spellings(text)]),
)


@st.composite
def networks(draw, least_v4=0, least_v6=0):
    base = draw(ANY)
    least = least_v4 if base.version == 4 else least_v6
    return ipaddress.ip_network((base, draw(st.integers(least, base.max_prefixlen))), strict=False)


@given(ANY, st.lists(networks(), max_size=4), st.lists(networks(), max_size=4))
def test_nothing_that_is_denied_is_permitted_and_nothing_foreign_without_a_line(one, allow, deny):
    permission = permit(one, Scope(allow=tuple(allow), deny=tuple(deny)))
    if permission.allowed:
        for each in meant(one):
            assert not any(each.version == net.version and each in net for net in deny)
        judged = tuple(meant(one))[1:] or (one,)
        for each in judged:
            own = reach(each) in {Reach.LOOPBACK, Reach.PRIVATE, Reach.UNIQUE_LOCAL, Reach.LINK_LOCAL}
            assert own or any(here in net for net in allow for here in (each, one) if here.version == net.version)
    assert permission.because


@given(networks(20, 116), st.lists(networks(), max_size=3), st.lists(networks(), max_size=3), st.randoms())
def test_the_pieces_of_a_network_fill_it_and_say_what_permit_says(network, allow, deny, chance):
    scope = Scope(allow=tuple(allow), deny=tuple(deny))
    found = parts(network, scope)
    assert sum(piece.num_addresses for piece, _permission in found) == network.num_addresses
    assert list(found) == sorted(found, key=lambda each: int(each[0].network_address))
    for piece, permission in found:
        inside = piece[chance.randrange(piece.num_addresses)]
        if piece.num_addresses == 1 or len(tuple(meant(inside))) == 1:
            assert permit(inside, scope) == permission
        else:
            assert not permission.allowed


MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "hours", "closes"),
    [
        (Window(start=8 * 60, minutes=600), 7.9, None),
        (Window(start=8 * 60, minutes=600), 8, 18),
        (Window(start=8 * 60, minutes=600), 18, None),
        (Window(start=22 * 60, minutes=480), 23, 30),
        (Window(start=22 * 60, minutes=480), 5, 6),
        (Window(start=22 * 60, minutes=480), 6, None),
        (Window(start=22 * 60, minutes=480, days=frozenset({0})), 5, None),
        (Window(start=22 * 60, minutes=480, days=frozenset({0})), 29, 30),
        (Window(start=22 * 60, minutes=480, days=frozenset({6})), 5, 6),
        (Window(days=frozenset({0})), 12, 24),
        (Window(days=frozenset({0, 1})), 12, 48),
        (Window(days=frozenset({1})), 12, None),
        (Window(days=frozenset({0, 2})), 12, 24),
    ],
)
def test_a_window_is_open_until_it_closes(window, hours, closes):
    expected = None if closes is None else MONDAY + timedelta(hours=closes)
    assert window.closes(MONDAY + timedelta(hours=hours)) == expected


def test_a_window_without_an_end_stays_open_for_days():
    assert Window().closes(MONDAY + timedelta(hours=1)) > MONDAY + timedelta(days=6)


def test_a_window_is_in_utc():
    from datetime import timezone

    window = Window(start=8 * 60, minutes=60)
    assert window.closes(datetime(2026, 11, 23, 10, 30, tzinfo=timezone(timedelta(hours=2)))) is not None


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (Window(days=frozenset({5, 6}), start=22 * 60, minutes=480), "sat, sun 22:00 to 06:00 UTC"),
        (Window(), "00:00 to 00:00 UTC"),
    ],
)
def test_a_window_is_said_as_people_say_it(window, text):
    assert str(window) == text
