"""Which runs a target needs, and what is kept out of them."""

import ipaddress

import pytest

from scangate.core.model import Kind, Target
from scangate.core.scope import Scope
from scangate.errors import ScanError
from scangate.scanners.network.plan import BOTH, plan

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


def nets(*texts):
    return tuple(map(ipaddress.ip_network, texts))


DOCUMENTED = Scope(allow=nets("192.0.2.0/24", "2001:db8::/32"))


def planned_for(aim, versions=BOTH, scope=DOCUMENTED):
    return plan(aim, scope, look_up, versions)


def told(planned):
    """The notes but for those that say what is permitted."""
    return [note.text for note in planned.notes if not note.text.startswith("within the scope")]


def shape(planned):
    return [
        (batch.name, batch.version, [str(each) for each in (*batch.addresses, *batch.networks)])
        for batch in planned.batches
    ]


def test_each_ip_version_is_a_run_and_doubles_are_one():
    planned = planned_for(target("192.0.2.5", "::1", "192.0.2.4", "192.0.2.5", "[::1]"))
    assert shape(planned) == [("", 4, ["192.0.2.4", "192.0.2.5"]), ("", 6, ["::1"])]


def test_a_name_has_runs_of_its_own_with_its_addresses_pinned():
    planned = planned_for(target("edge.example.com"))
    assert shape(planned) == [
        ("edge.example.com", 4, ["192.0.2.1", "192.0.2.2"]),
        ("edge.example.com", 6, ["2001:db8::1"]),
    ]


def test_a_name_that_does_not_resolve_is_a_gap():
    planned = planned_for(target("nowhere.example.com", "192.0.2.4"))
    assert [(gap.what, gap.reason) for gap in planned.gaps] == [
        ("nowhere.example.com", "does not resolve (Name or service not known)")
    ]
    assert shape(planned) == [("", 4, ["192.0.2.4"])]


def test_excluded_addresses_are_never_targets():
    planned = planned_for(target("192.0.2.4", "192.0.2.5", "192.0.2.0/28", exclude=("192.0.2.5",)))
    assert shape(planned) == [("", 4, ["192.0.2.4"]), ("", 4, ["192.0.2.0/28"])]
    assert [str(each) for each in planned.batches[1].exclude] == ["192.0.2.4/31"]


def test_exclusion_reaches_through_names_and_other_spellings():
    planned = planned_for(target("edge.example.com", "192.0.2.9", exclude=("db.example.com", "::ffff:192.0.2.1")))
    assert shape(planned) == [("edge.example.com", 4, ["192.0.2.2"]), ("edge.example.com", 6, ["2001:db8::1"])]
    assert told(planned) == ["192.0.2.1 of edge.example.com is excluded"]


def test_an_excluded_name_is_not_scanned_even_by_name():
    planned = planned_for(target("edge.example.com", exclude=("Edge.Example.com.",)))
    assert planned.batches == ()
    assert told(planned) == ["edge.example.com is excluded"]


def test_an_excluded_name_that_does_not_resolve_stops_the_scan():
    with pytest.raises(ScanError, match="cannot be kept out of the scan"):
        planned_for(target("192.0.2.4", exclude=("nowhere.example.com",)))


def test_a_network_that_is_excluded_whole_is_no_run():
    assert shape(planned_for(target("192.0.2.0/28", exclude=("192.0.2.0/24",)))) == []


def test_a_host_named_beside_its_network_is_asked_by_itself():
    planned = planned_for(target("192.0.2.0/28", "192.0.2.3"))
    assert shape(planned) == [("", 4, ["192.0.2.3"]), ("", 4, ["192.0.2.0/28"])]
    assert [str(each) for each in planned.batches[1].exclude] == ["192.0.2.3/32"]


def test_one_ip_version_of_a_name_can_be_chosen():
    planned = planned_for(target("edge.example.com", "::1"), frozenset({4}))
    assert shape(planned) == [("", 6, ["::1"]), ("edge.example.com", 4, ["192.0.2.1", "192.0.2.2"])]
    assert told(planned) == ["2001:db8::1 of edge.example.com is left out by `resolve`"]
    only = planned_for(target("db.example.com"), frozenset({6}))
    assert [gap.what for gap in only.gaps] == ["db.example.com"]


def test_hosts_that_cannot_be_read_stop_the_scan():
    with pytest.raises(ScanError, match="is not a host"):
        planned_for(target("127.0.0.11 -oN /tmp/x"))


def test_what_is_permitted_is_said_with_the_reason():
    notes = planned_for(target("127.0.0.1", "192.0.2.4", "edge.example.com", "192.0.2.16/28")).notes
    assert [note.text for note in notes] == [
        "within the scope: a loopback address: 127.0.0.1",
        (
            "within the scope: an address for documentation that `allow` names as 192.0.2.0/24: 192.0.2.4, "
            "192.0.2.16/28, 192.0.2.1 (edge.example.com), 192.0.2.2 (edge.example.com)"
        ),
        (
            "within the scope: an address for documentation that `allow` names as 2001:db8::/32: "
            "2001:db8::1 (edge.example.com)"
        ),
    ]


def test_what_is_outside_the_scope_is_a_gap_and_no_run():
    planned = planned_for(target("8.8.8.8", "127.0.0.1", "9.9.9.0/28", "169.254.169.254"), scope=Scope())
    assert shape(planned) == [("", 4, ["127.0.0.1"])]
    assert [(gap.what, gap.reason) for gap in planned.gaps] == [
        ("8.8.8.8", "outside the scope: a public address that no line of `allow` names"),
        (
            "169.254.169.254",
            (
                "outside the scope: where clouds hand out credentials (metadata) that only a line of its own in "
                "`allow` opens"
            ),
        ),
        ("9.9.9.0/28", "outside the scope: a public address that no line of `allow` names"),
    ]


def test_a_name_is_as_far_in_the_scope_as_its_addresses_are():
    scope = Scope(allow=nets("192.0.2.2/32"))
    planned = planned_for(target("edge.example.com", "db.example.com"), scope=scope)
    assert shape(planned) == [("edge.example.com", 4, ["192.0.2.2"])]
    assert {gap.what for gap in planned.gaps} == {
        "192.0.2.1 of edge.example.com",
        "2001:db8::1 of edge.example.com",
        "db.example.com",
    }


def test_a_name_that_is_denied_is_not_scanned_wherever_it_leads():
    planned = planned_for(target("db.example.com"), scope=Scope(allow=nets("192.0.2.0/24"), deny=("db.example.com",)))
    assert shape(planned) == []
    assert [gap.what for gap in planned.gaps] == ["db.example.com"]


def test_what_is_denied_inside_a_network_is_left_out_of_it_and_said():
    planned = planned_for(target("10.0.0.0/24"), scope=Scope(deny=nets("10.0.0.7/32", "10.0.0.128/25")))
    assert shape(planned) == [("", 4, ["10.0.0.0/24"])]
    assert planned.batches[0].exclude == nets("10.0.0.7/32", "10.0.0.128/25")
    assert planned.gaps == ()
    assert told(planned) == [
        "outside the scope: 1 address of 10.0.0.0/24: denied by the scope's line 10.0.0.7",
        "outside the scope: 128 addresses of 10.0.0.0/24: denied by the scope's line 10.0.0.128/25",
    ]


def test_what_lacks_a_line_inside_a_network_is_left_out_of_it_and_a_gap():
    planned = planned_for(target("192.168.254.0/23", "172.15.255.0/24", "11.0.0.0/24"), scope=Scope())
    assert shape(planned) == [("", 4, ["192.168.254.0/23"])]
    half = planned_for(
        target("9.255.255.0/24", "172.31.255.0/24", "11.0.0.0/24"), scope=Scope(allow=nets("11.0.0.0/25"))
    )
    assert shape(half) == [("", 4, ["11.0.0.0/24", "172.31.255.0/24"])]
    assert half.batches[0].exclude == nets("11.0.0.128/25")
    assert [(gap.what, gap.reason) for gap in half.gaps] == [
        ("9.255.255.0/24", "outside the scope: a public address that no line of `allow` names"),
        (
            "11.0.0.0/24",
            "outside the scope: 128 of 256 addresses: a public address that no line of `allow` names",
        ),
    ]


def test_metadata_inside_a_network_is_never_touched():
    planned = planned_for(target("169.254.0.0/16"), scope=Scope(allow=nets("169.254.0.0/16")))
    assert shape(planned) == [("", 4, ["169.254.0.0/16"])]
    barred = planned.batches[0].exclude
    assert all(
        any(ipaddress.ip_address(each) in net for net in barred)
        for each in ("169.254.169.254", "169.254.170.2", "169.254.0.23", "169.254.42.42")
    )
