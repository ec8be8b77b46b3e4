"""What changed since the baseline, and everything that must not be called a change."""

import pytest

from builders import report, run
from scangate.core.drift import drift
from scangate.core.drift_rules import RULES
from scangate.core.model import Gap, Kind, Service, Severity, Status, Target

EDGE = Target(id="edge", kind=Kind.HOSTS, addresses=("10.0.0.5", "edge.example.com", "10.1.0.0/24"))


def service(port: int = 22, host: str = "10.0.0.5", **more: object) -> Service:
    return Service(host=host, address=more.pop("address", host), port=port, protocol="tcp", state=more.pop("state", "open"), **more)  # fmt: skip  # noqa: E501


def nmap(*services: Service, **more: object):
    return run(**{"scanner": "nmap", "target": "edge", "unit": "hosts", "services": services} | more)


def changes(now, then, *, target: Target = EDGE, before: Target = EDGE):
    found = drift([now], [target], report(runs=[then], targets=(before,)))
    return [(each.rule, each.subject) for each in found.findings]


def test_a_port_that_was_not_open_is_new():
    assert changes(nmap(service(22), service(80)), nmap(service(22))) == [("net-new-port", "10.0.0.5:80/tcp")]


def test_without_a_baseline_nothing_is_new():
    assert drift([nmap(service())], [EDGE], None).findings == ()


def test_nothing_changed_is_no_finding():
    same = nmap(service(22, product="OpenSSH", version="9.2", host_key="SHA256:a"))
    assert changes(same, same) == []


@pytest.mark.parametrize(
    ("was", "now", "rules"),
    [
        ({"product": "nginx"}, {"product": "Apache httpd", "version": "2"}, ["net-changed-service"]),
        ({"name": "http"}, {"name": "ssh"}, ["net-changed-service"]),
        ({"name": "http", "method": "table"}, {"name": "ssh"}, []),
        ({"name": "http"}, {"name": "http", "product": "nginx"}, []),
        ({"product": "nginx", "version": "1"}, {"product": "nginx", "version": "2"}, ["net-changed-version"]),
        ({"product": "nginx"}, {"product": "nginx", "version": "2"}, []),
        ({"host_key": "SHA256:a"}, {"host_key": "SHA256:b"}, ["net-changed-host-key"]),
        ({"host_key": "SHA256:a"}, {}, []),
        ({"certificate": "aa"}, {"certificate": "bb"}, ["net-changed-certificate"]),
        ({}, {"certificate": "bb"}, []),
    ],
)
def test_what_is_known_both_times_and_differs_has_changed(was, now, rules):
    found = changes(nmap(service(443, **now)), nmap(service(443, **was)))
    assert [rule for rule, _subject in found] == rules


def test_the_finding_says_what_was_and_what_is():
    then, now = nmap(service(22, host_key="SHA256:a")), nmap(service(22, host_key="SHA256:b"))
    (found,) = drift([now], [EDGE], report(runs=[then], targets=(EDGE,))).findings
    assert found.evidence[0].facts == (("was", "SHA256:a"), ("is", "SHA256:b"))
    assert found.seen_by == ("nmap",)
    assert found.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    "then",
    [
        nmap(status=Status.FAILED),
        nmap(status=Status.TIMED_OUT),
        nmap(gaps=(Gap(what="10.0.0.5", reason="did not answer"),)),
        nmap(gaps=(Gap(what="10.0.0.5 of edge.example.com", reason="did not answer"),)),
        nmap(gaps=(Gap(what="10.0.0.0/24", reason="no address answered"),)),
        nmap(scanner="another"),
        nmap(service(80), scanner="another"),
    ],
)
def test_a_host_that_was_not_covered_then_has_nothing_new(then):
    assert changes(nmap(service(80)), then) == []


def test_a_host_that_is_not_covered_now_has_nothing_new():
    now = nmap(service(80), gaps=(Gap(what="10.0.0.5:22/tcp", reason="was not finished"),))
    assert changes(now, nmap()) == []


def test_a_host_that_the_baseline_was_not_asked_about_has_nothing_new():
    before = Target(id="edge", kind=Kind.HOSTS, addresses=("10.1.0.0/24",))
    assert changes(nmap(service(80)), nmap(), before=before) == []
    assert changes(nmap(service(80, host="10.1.0.9")), nmap(), before=before) == [("net-new-port", "10.1.0.9:80/tcp")]


def test_other_ports_asked_for_make_no_port_new_and_it_is_said():
    before = Target(id="edge", kind=Kind.HOSTS, addresses=EDGE.addresses, ports="1-100")
    found = drift([nmap(service(8080))], [EDGE], report(runs=[nmap()], targets=(before,)))
    assert found.findings == ()
    assert found.notes == ("no port of edge is called new: the baseline asked for `1-100` and now `the usual ones`",)


def test_who_looks_only_where_it_is_told_calls_no_port_new():
    assert changes(nmap(service(22), unit="services"), nmap(unit="services")) == []


def test_a_sensor_calls_no_port_new_because_traffic_comes_and_goes():
    assert changes(nmap(service(22, method="passive")), nmap()) == []


def test_a_name_is_one_host_whatever_its_addresses():
    then = nmap(*(service(443, host="edge.example.com", address=f"10.9.0.{n}", certificate=f"c{n}") for n in (1, 2)))
    now = nmap(service(443, host="edge.example.com", address="10.9.0.3", certificate="c2"))
    assert changes(now, then) == []
    other = nmap(service(443, host="10.9.0.3", hostname="edge.example.com", certificate="c4"))
    assert changes(other, then) == [("net-changed-certificate", "edge.example.com:443/tcp")]


def test_a_port_that_was_closed_is_new_when_it_opens():
    assert changes(nmap(service(80)), nmap(service(80, state="closed"))) == [("net-new-port", "10.0.0.5:80/tcp")]


def test_ids_are_those_that_were_agreed():
    assert [rule.id for rule in RULES] == [
        "net-new-port",
        "net-changed-service",
        "net-changed-version",
        "net-changed-host-key",
        "net-changed-certificate",
    ]
