"""Which runs a target needs, and what is kept out of them."""

import ipaddress

import pytest

from scangate.core.model import Kind, Target
from scangate.errors import ScanError
from scangate.scanners.nmap.plan import plan

BOOK = {
    "edge.example.com": ("192.0.2.1", "192.0.2.2", "2001:db8::1"),
    "db.example.com": ("192.0.2.9",),
}


def look_up(name):
    if name not in BOOK:
        raise ScanError("does not resolve (Name or service not known)")
    return tuple(map(ipaddress.ip_address, BOOK[name]))


def target(*addresses, exclude=()):
    return Target(id="edge", kind=Kind.HOSTS, addresses=addresses, exclude=exclude)


def shape(planned):
    return [
        (batch.name, batch.version, [str(each) for each in (*batch.addresses, *batch.networks)])
        for batch in planned.batches
    ]


def test_each_ip_version_is_a_run_and_doubles_are_one():
    planned = plan(target("192.0.2.5", "::1", "192.0.2.4", "192.0.2.5", "[::1]"), look_up)
    assert shape(planned) == [("", 4, ["192.0.2.4", "192.0.2.5"]), ("", 6, ["::1"])]


def test_a_name_has_runs_of_its_own_with_its_addresses_pinned():
    planned = plan(target("edge.example.com"), look_up)
    assert shape(planned) == [
        ("edge.example.com", 4, ["192.0.2.1", "192.0.2.2"]),
        ("edge.example.com", 6, ["2001:db8::1"]),
    ]


def test_a_name_that_does_not_resolve_is_a_gap():
    planned = plan(target("nowhere.example.com", "192.0.2.4"), look_up)
    assert [(gap.what, gap.reason) for gap in planned.gaps] == [
        ("nowhere.example.com", "does not resolve (Name or service not known)")
    ]
    assert shape(planned) == [("", 4, ["192.0.2.4"])]


def test_excluded_addresses_are_never_targets():
    planned = plan(target("192.0.2.4", "192.0.2.5", "192.0.2.0/28", exclude=("192.0.2.5",)), look_up)
    assert shape(planned) == [("", 4, ["192.0.2.4"]), ("", 4, ["192.0.2.0/28"])]
    assert [str(each) for each in planned.batches[1].exclude] == ["192.0.2.4/31"]


def test_exclusion_reaches_through_names_and_other_spellings():
    planned = plan(target("edge.example.com", "192.0.2.9", exclude=("db.example.com", "::ffff:192.0.2.1")), look_up)
    assert shape(planned) == [("edge.example.com", 4, ["192.0.2.2"]), ("edge.example.com", 6, ["2001:db8::1"])]
    assert [note.text for note in planned.notes] == ["192.0.2.1 of edge.example.com is excluded"]


def test_an_excluded_name_is_not_scanned_even_by_name():
    planned = plan(target("edge.example.com", exclude=("Edge.Example.com.",)), look_up)
    assert planned.batches == ()
    assert [note.text for note in planned.notes] == ["edge.example.com is excluded"]


def test_an_excluded_name_that_does_not_resolve_stops_the_scan():
    with pytest.raises(ScanError, match="cannot be kept out of the scan"):
        plan(target("192.0.2.4", exclude=("nowhere.example.com",)), look_up)


def test_a_network_that_is_excluded_whole_is_no_run():
    assert shape(plan(target("192.0.2.0/28", exclude=("192.0.2.0/24",)), look_up)) == []


def test_a_host_named_beside_its_network_is_asked_by_itself():
    planned = plan(target("192.0.2.0/28", "192.0.2.3"), look_up)
    assert shape(planned) == [("", 4, ["192.0.2.3"]), ("", 4, ["192.0.2.0/28"])]
    assert [str(each) for each in planned.batches[1].exclude] == ["192.0.2.3/32"]


def test_one_ip_version_of_a_name_can_be_chosen():
    planned = plan(target("edge.example.com", "::1"), look_up, frozenset({4}))
    assert shape(planned) == [("", 6, ["::1"]), ("edge.example.com", 4, ["192.0.2.1", "192.0.2.2"])]
    assert [note.text for note in planned.notes] == ["2001:db8::1 of edge.example.com is left out by `resolve`"]
    only = plan(target("db.example.com"), look_up, frozenset({6}))
    assert [gap.what for gap in only.gaps] == ["db.example.com"]


def test_hosts_that_cannot_be_read_stop_the_scan():
    with pytest.raises(ScanError, match="is not a host"):
        plan(target("127.0.0.11 -oN /tmp/x"), look_up)
