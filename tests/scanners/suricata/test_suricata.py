"""What a sensor's events say of a target (constructed after Suricata's documentation: it is in no Debian)."""

import gzip
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from scangate.core.intake import admit
from scangate.core.model import Confidence, Data, Finding, Gap, Item, Kind, Note, Service, Severity, Target
from scangate.errors import ScanError
from scangate.scanners import Context, unfit
from scangate.scanners.suricata import Suricata

TODAY = date(2026, 11, 21)
WEB = "10.0.0.5"
CLIENT = "192.0.2.77"
Scan = Callable[..., list[Item]]


def event(kind: str, *, day: date = TODAY, port: int = 80, **more: Any) -> dict[str, Any]:
    return {
        "timestamp": f"{day}T10:00:00.123456+0000",
        "event_type": kind,
        "src_ip": CLIENT,
        "src_port": 51_234,
        "dest_ip": WEB,
        "dest_port": port,
        "proto": "TCP",
    } | more


def alert(signature: int = 2_034_647, name: str = "ET WEB something", **more: Any) -> dict[str, Any]:
    fields = {"severity": 1, "category": "Attempted Administrator Privilege Gain", "action": "allowed"}
    inside = {"gid": 1, "signature_id": signature, "rev": 3, "signature": name} | fields | more.pop("alert", {})
    return event("alert", **more) | {"alert": inside}


def flow(port: int, *, answers: int = 5, **tcp: Any) -> dict[str, Any]:
    state = {"syn": True, "ack": True, "state": "closed"} | tcp
    return event("flow", port=port, flow={"pkts_toserver": 6, "pkts_toclient": answers}, tcp=state, app_proto="http")


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    def make(*events: Any, address: str = WEB, **options: Any) -> list[Item]:
        if events:
            write(tmp_path / "eve.json", *events)
        target = Target(id="edge", kind=Kind.HOSTS, addresses=(address,))
        options = {"eve": "eve.json"} | options
        ctx = Context(root=tmp_path, home=tmp_path, deadline=time.monotonic() + 60, options=options, today=TODAY)
        return [admit(item) for item in Suricata().scan(target, ctx)]

    return make


def write(path: Path, *events: Any) -> None:
    path.write_bytes(
        b"".join(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in events)
    )


def only(kind: type, items: list[Item]) -> list[Any]:
    return [each for each in items if isinstance(each, kind)]


def test_the_same_alert_is_one_finding_however_often_it_was_raised(scan):
    items = scan(alert(), alert(day=TODAY - timedelta(days=2)), alert(src_ip="192.0.2.78"))
    (found,) = only(Finding, items)
    assert (found.rule, found.subject, found.severity) == ("suricata-2034647", "10.0.0.5:80/tcp", Severity.HIGH)
    assert found.confidence is Confidence.POTENTIAL
    assert ("alerts", "3") in found.evidence[0].facts
    assert ("other side", "192.0.2.77, 192.0.2.78") in found.evidence[0].facts
    assert "3 times" in found.message
    assert [each.as_of for each in only(Data, items)] == [TODAY]
    assert only(Gap, items) == []


@pytest.mark.parametrize(
    "named",
    [
        {"alert": {"metadata": {"cve": ["CVE_2021_44228"]}}},
        {"alert": {"metadata": {"cve": ["cve_2021_44228"]}}},
        {"name": "ET EXPLOIT Apache log4j RCE Attempt (CVE-2021-44228)"},
    ],
)
def test_an_attack_on_our_port_that_names_a_cve_has_its_identity(named, scan):
    (found,) = only(Finding, scan(alert(**named)))
    assert (found.rule, found.subject) == ("CVE-2021-44228", "10.0.0.5:80/tcp")
    assert found.confidence is Confidence.POTENTIAL


def test_what_has_happened_is_surer_than_an_attempt_unless_it_was_stopped(scan):
    success = {"category": "Successful Administrator Privilege Gain"}
    allowed, blocked = alert(1, alert=success), alert(2, alert=success | {"action": "blocked"})
    found = {each.rule: each.confidence for each in only(Finding, scan(allowed, blocked))}
    assert found == {"suricata-1": Confidence.FIRM, "suricata-2": Confidence.POTENTIAL}


def test_an_alert_about_what_our_host_does_is_about_the_host_and_no_weakness_of_it(scan):
    out = alert(3, "log4j CVE-2021-44228", src_ip=WEB, dest_ip="203.0.113.9")
    (found,) = only(Finding, scan(out))
    assert (found.rule, found.subject, found.aliases) == ("suricata-3", WEB, ())


@pytest.mark.parametrize(
    "more",
    [
        {"direction": "to_client"},
        {"flow": {"src_ip": CLIENT, "src_port": 51_234, "dest_ip": WEB, "dest_port": 80}},
        {},
    ],
)
def test_an_alert_on_an_answer_is_about_the_port_that_answered(more, scan):
    answer = alert(src_ip=WEB, src_port=80, dest_ip=CLIENT, dest_port=51_234, **more)
    assert [each.subject for each in only(Finding, scan(answer))] == ["10.0.0.5:80/tcp"]


@pytest.mark.parametrize(
    ("inside", "severity"),
    [
        ({"severity": 1}, Severity.HIGH),
        ({"severity": 2}, Severity.MEDIUM),
        ({"severity": 3}, Severity.LOW),
        ({"severity": 4}, Severity.INFO),
        ({"severity": "x"}, Severity.UNKNOWN),
        ({"metadata": {"signature_severity": ["Critical"]}}, Severity.CRITICAL),
        ({"metadata": {"signature_severity": ["Informational"]}}, Severity.INFO),
    ],
)
def test_severities(inside, severity, scan):
    (found,) = only(Finding, scan(alert(alert=inside)))
    assert found.severity is severity


def test_services_are_seen_without_a_packet(scan):
    items = scan(
        flow(80),
        flow(81, answers=1, ack=False),
        flow(82, answers=0),
        event("flow", port=53, proto="UDP", flow={"pkts_toclient": 1}, app_proto="dns"),
        event("tls", port=443, tls={"version": "TLS 1.3", "sni": "x"}),
        event(
            "ssh",
            port=22,
            ssh={"server": {"proto_version": "2.0", "software_version": "OpenSSH_9.2p1 Debian-2+deb12u3"}},
        ),
        event("http", port=8080, http={"response_headers": [{"name": "Server", "value": "nginx/1.22.1"}]}),
    )
    found = {each.port: each for each in only(Service, items)}
    assert sorted(found) == [22, 53, 80, 443, 8080]
    assert found[443].tls == "TLSv1.3"
    assert (found[22].product, found[22].version) == ("OpenSSH", "9.2p1 Debian 2+deb12u3")
    assert (found[8080].product, found[8080].version) == ("nginx", "1.22.1")
    assert {each.method for each in found.values()} == {"passive"}


def test_tls_that_was_seen_is_judged_by_the_rules_that_others_use(scan):
    weak = event("tls", port=443, tls={"version": "TLSv1", "notafter": "2026-11-01T00:00:00"})
    assert {(each.rule, each.subject) for each in only(Finding, scan(weak))} == {
        ("tls-protocol-obsolete", "10.0.0.5:443/tcp"),
        ("tls-certificate-expired", "10.0.0.5:443/tcp"),
    }


def test_packets_that_the_sensor_lost_are_a_gap(scan):
    stats = event("stats", stats={"capture": {"kernel_packets": 1_000, "kernel_drops": 250}})
    items = scan(flow(80), stats)
    assert [each.reason for each in only(Gap, items)] == ["it missed 25.0% of the packets at its worst"]
    few = event("stats", stats={"capture": {"kernel_packets": 1_000, "kernel_drops": 1}})
    assert only(Gap, scan(flow(80), few)) == []


def test_rotated_files_count_and_others_beside_them_do_not(scan, tmp_path):
    write(tmp_path / "eve.json.1", flow(81))
    (tmp_path / "eve.json-20261120.gz").write_bytes(gzip.compress(json.dumps(flow(82)).encode() + b"\n"))
    write(tmp_path / "eve.json.bak", flow(83))
    assert [each.port for each in only(Service, scan(flow(80)))] == [80, 81, 82]


def test_a_half_written_line_is_a_note_and_a_broken_one_a_gap(scan):
    items = scan(flow(80), b'{"event_type": "alert", bro\n', b"[1]\n", b'{"timestamp": "2026-11-')
    assert [each.reason for each in only(Gap, items)] == ["2 lines cannot be read, the first in eve.json"]
    assert any("being written" in each.text for each in only(Note, items))


def test_an_alert_about_others_is_counted(scan):
    items = scan(flow(80), alert(dest_ip="10.0.0.99"))
    assert only(Finding, items) == []
    assert [each.text for each in only(Note, items)] == ["alerts that concern no host of this target: 1"]


def test_old_events_count_for_nothing(scan):
    items = scan(alert(day=TODAY - timedelta(days=8)))
    assert only(Finding, items) == []
    assert [each.as_of for each in only(Data, items)] == [TODAY - timedelta(days=8)]
    assert only(Finding, scan(max_age_days=8))


@pytest.mark.parametrize(
    "odd",
    [
        {"alert": None},
        {"alert": {"signature_id": "1"}},
        {"alert": {"signature_id": True}},
        {"alert": {"signature_id": 10**30}},
        {"alert": {"signature_id": 1, "metadata": [], "signature": None, "category": 5, "severity": []}},
        {"alert": {"signature_id": 1}, "dest_port": "x", "src_port": None, "proto": {}},
    ],
)
def test_events_of_another_shape_break_nothing(odd, scan):
    assert all(each.rule == "suricata-1" for each in only(Finding, scan(event("alert") | odd)))


def test_hostile_text_is_made_harmless(scan):
    items = scan(alert(name="::error::\x1b[31m\u202e<script>", alert={"category": "\0"}))
    assert not any(bad in f"{each}" for each in items for bad in ("\x1b", "\u202e", "\0"))


def test_without_events_it_fails_with_advice(scan, tmp_path):
    with pytest.raises(ScanError, match="is not a file"):
        scan()
    with pytest.raises(ScanError, match="leads out"):
        scan(eve="../eve.json")
    with pytest.raises(ScanError) as caught:
        list(Suricata().scan(Target(id="x", kind=Kind.HOSTS, addresses=(WEB,)), Context(root=tmp_path, home=tmp_path, deadline=time.monotonic() + 9)))  # fmt: skip  # noqa: E501
    assert "eve: FILE" in caught.value.advice


def test_it_runs_only_where_the_config_names_it():
    target = Target(id="edge", kind=Kind.HOSTS, addresses=(WEB,))
    assert unfit(Suricata(), target, named=False)
    assert not unfit(Suricata(), target, named=True)
