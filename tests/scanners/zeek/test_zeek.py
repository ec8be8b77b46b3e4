"""What a sensor's logs say of a target, and all that is not to be believed or followed in them (constructed logs)."""

import gzip
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from zeek_logs import CLIENT, FINGERPRINT, NOW, TODAY, WEB, connection, ends, lines, tsv, write

from scangate.core.identity import normalise
from scangate.core.intake import admit
from scangate.core.model import (
    Asked,
    Confidence,
    Data,
    Finding,
    Gap,
    Item,
    Kind,
    Note,
    Service,
    Severity,
    Status,
    Target,
)
from scangate.core.runs import fold
from scangate.errors import CancelledError, ScanError
from scangate.scanners import Context, unfit
from scangate.scanners.passive import files
from scangate.scanners.zeek import Zeek

Scan = Callable[..., list[Item]]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    def make(*addresses: str, **options: Any) -> list[Item]:
        target = Target(id="edge", kind=Kind.HOSTS, addresses=addresses or (WEB,))
        deadline = time.monotonic() + options.pop("seconds", 60)
        ctx = Context(root=tmp_path, home=tmp_path, deadline=deadline, options={"logs": "logs"} | options, today=TODAY)
        return [admit(item) for item in Zeek().scan(target, ctx)]

    return make


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def only(kind: type, items: list[Item]) -> list[Any]:
    return [each for each in items if isinstance(each, kind)]


def places(items: list[Item]) -> list[str]:
    return [f"{each.host}:{each.port}/{each.protocol}" for each in only(Service, items)]


@pytest.mark.parametrize("form", [lambda *rows: tsv("conn", *rows), lines])
def test_services_are_seen_without_a_packet(form, logs, scan):
    write(
        logs,
        "conn.log",
        form(
            connection(443, service="ssl,http"),
            connection(22, state="S1", service="ssh"),
            connection(23, state="REJ"),
            connection(81, state="S0"),
            connection(53, proto="udp", service="dns"),
            connection(80, server="10.0.0.99"),
        ).replace('"ssl,http"', '["ssl", "http"]'),
    )
    items = scan()
    assert places(items) == ["10.0.0.5:22/tcp", "10.0.0.5:53/udp", "10.0.0.5:443/tcp"]
    assert {each.method for each in only(Service, items)} == {"passive"}
    assert only(Service, items)[2].name == "http"
    assert [each.text for each in only(Note, items)] == ["connections that concern no host of this target: 1"]
    assert [each.as_of for each in only(Data, items)] == [TODAY]
    assert only(Gap, items) == []
    assert fold(items, scanner="zeek", target="edge", status=Status.OK).coverage == 1.0


def test_what_servers_are_is_learnt_from_ssh_software_and_ssl(logs, scan):
    write(logs, "ssh.log", tsv("ssh", ends(22) | {"server": "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3"}))
    web = {
        "host": WEB,
        "host_p": 80,
        "software_type": "HTTP::SERVER",
        "name": "nginx",
        "unparsed_version": "nginx/1.22.1",
    }
    agent = {"host": WEB, "host_p": "-", "software_type": "HTTP::BROWSER", "name": "curl", "unparsed_version": "curl/8"}
    write(logs, "software.log", tsv("software", web, agent))
    write(logs, "ssl.log", tsv("ssl", ends(443) | {"version": "TLSv12", "established": "T", "cert_chain_fps": f"{FINGERPRINT},{'cd' * 32}", "cipher": "TLS_AES_128_GCM_SHA256"}))  # fmt: skip  # noqa: E501
    write(logs, "known_services.log", tsv("known_services", {"host": WEB, "port_num": 25, "port_proto": "tcp", "service": "SMTP"}))  # fmt: skip  # noqa: E501
    found = {each.port: each for each in only(Service, scan())}
    assert (found[22].product, found[22].version) == ("OpenSSH", "9.2p1 Debian 2+deb12u3")
    assert (found[80].product, found[80].version) == ("nginx", "1.22.1")
    assert (found[443].tls, found[443].certificate, found[443].tunnel) == ("TLSv1.2", FINGERPRINT, "ssl")
    assert found[25].name == "smtp"


def test_tls_that_was_seen_is_judged_by_the_rules_that_others_use(logs, scan):
    write(logs, "ssl.log", tsv("ssl", ends(443) | {"version": "TLSv10", "established": "T", "cert_chain_fps": FINGERPRINT, "cipher": "TLS_RSA_WITH_RC4_128_SHA"}))  # fmt: skip  # noqa: E501
    until = (NOW - timedelta(days=3)).timestamp()
    write(logs, "x509.log", tsv("x509", {"fingerprint": FINGERPRINT, "certificate.not_valid_after": until}))
    found = {each.rule: each for each in only(Finding, scan())}
    assert set(found) == {"tls-protocol-obsolete", "tls-cipher-weak", "tls-certificate-expired"}
    assert {each.subject for each in found.values()} == {"10.0.0.5:443/tcp"}
    assert {each.confidence for each in found.values()} == {Confidence.FIRM}


def notice(note: str, **more: Any) -> dict[str, Any]:
    return ends(443) | {"note": note, "msg": "it happened", "sub": "-", "src": CLIENT, "dst": WEB, "p": 443} | more


def test_notices_are_findings_on_the_port_or_host_that_they_are_about(logs, scan):
    guessing = notice("SSH::Password_Guessing", src=WEB, dst="203.0.113.9", p=22, **{"id.resp_h": "203.0.113.9"})
    write(logs, "notice.log", tsv("notice", notice("Signatures::Sensitive_Signature"), guessing, notice("Own::Note")))
    found = {each.rule: each for each in only(Finding, scan())}
    assert found["zeek-Signatures::Sensitive_Signature"].subject == "10.0.0.5:443/tcp"
    assert found["zeek-Signatures::Sensitive_Signature"].severity is Severity.HIGH
    assert found["zeek-SSH::Password_Guessing"].subject == "10.0.0.5"
    assert found["zeek-Own::Note"].severity is Severity.MEDIUM
    assert {each.confidence for each in found.values()} == {Confidence.POTENTIAL}


def test_a_notice_that_names_a_cve_is_evidence_on_what_others_found_of_it(logs, scan):
    write(logs, "notice.log", tsv("notice", *[notice("Heartbleed::SSL_Heartbeat_Attack_Success")] * 3, notice("A::B", msg="CVE-2021-44228 tried")))  # fmt: skip  # noqa: E501
    found = {each.rule: each for each in only(Finding, scan())}
    assert found["CVE-2014-0160"].confidence is Confidence.FIRM
    assert ("alerts", "3") in found["CVE-2014-0160"].evidence[0].facts
    assert found["CVE-2021-44228"].confidence is Confidence.POTENTIAL
    banner = Finding(rule="CVE-2014-0160", target="edge", subject="10.0.0.5:443/tcp", title="x", severity=Severity.HIGH, severity_source="x", location=found["CVE-2014-0160"].location, message="x", seen_by=("versions",))  # fmt: skip  # noqa: E501
    (merged,) = normalise([banner, found["CVE-2014-0160"]])
    assert merged.seen_by == ("versions", "zeek")


def test_a_header_in_the_middle_changes_the_fields(logs, scan):
    first = tsv("conn", connection(80))
    other = {"proto": "tcp", "conn_state": "SF"} | ends(443)
    write(logs, "conn.log", first + tsv("conn", other))
    assert places(scan()) == ["10.0.0.5:80/tcp", "10.0.0.5:443/tcp"]


def test_rotated_and_packed_logs_count_and_summaries_do_not(logs, scan):
    packed = gzip.compress(tsv("conn", connection(80)).encode())
    write(logs, "2026-11-20/conn.10:00:00-11:00:00.log.gz", packed)
    write(logs, "current/conn.log", tsv("conn", connection(81)))
    write(logs, "conn-summary.log", "a table for people\n")
    assert places(scan()) == ["10.0.0.5:80/tcp", "10.0.0.5:81/tcp"]


def test_a_line_that_is_being_written_is_no_gap(logs, scan):
    write(logs, "conn.log", lines(connection(80)) + '{"ts": 17323')
    items = scan()
    assert only(Gap, items) == []
    assert any("being written" in each.text for each in only(Note, items))


def test_lines_of_another_form_are_a_gap(logs, scan):
    write(logs, "conn.log", tsv("conn", connection(80)) + "garbage\n" + "{" * 5_000 + "\n")
    gaps = only(Gap, scan())
    assert [each.reason for each in gaps] == ["2 lines cannot be read, the first in conn.log"]


def test_old_lines_count_for_nothing_and_are_the_age_of_the_data(logs, scan):
    write(logs, "conn.log", tsv("conn", connection(80), ts=NOW - timedelta(days=30)))
    items = scan()
    assert places(items) == []
    assert [each.as_of for each in only(Data, items)] == [TODAY - timedelta(days=30)]
    assert places(scan(max_age_days=60)) == ["10.0.0.5:80/tcp"]


def test_lines_from_the_future_are_a_gap(logs, scan):
    write(logs, "conn.log", tsv("conn", connection(80), ts=NOW + timedelta(days=30)))
    items = scan()
    assert places(items) == []
    assert any("clock" in each.reason for each in only(Gap, items))
    assert [each.as_of for each in only(Data, items)] == [None]


def test_a_host_that_the_sensor_never_saw_is_a_gap(logs, scan):
    write(logs, "conn.log", tsv("conn", connection(80)))
    items = scan(WEB, "10.0.0.6", "10.7.0.0/24")
    assert [each.what for each in only(Gap, items)] == ["10.0.0.6", "10.7.0.0/24"]
    assert sum(each.count for each in only(Asked, items)) == 3


def test_hosts_in_a_network_are_those_that_were_seen(logs, scan):
    write(logs, "conn.log", tsv("conn", connection(80), connection(80, server="10.0.0.6")))
    items = scan("10.0.0.0/24")
    assert places(items) == ["10.0.0.5:80/tcp", "10.0.0.6:80/tcp"]
    assert (only(Gap, items), sum(each.count for each in only(Asked, items))) == ([], 2)


def test_what_the_sensor_lost_is_a_gap(logs, scan):
    write(logs, "conn.log", tsv("conn", connection(80)))
    write(logs, "capture_loss.log", tsv("capture_loss", {"percent_lost": "12.5"}))
    write(logs, "stats.log", tsv("stats", {"pkts_proc": 99, "pkts_dropped": 1}))
    assert [each.reason for each in only(Gap, scan())] == ["it missed 12.5% of the packets at its worst"]


def test_hostile_text_is_made_harmless(logs, scan):
    text = "::error::\\x1b[31m\\xe2\\x80\\xae<script>"
    write(logs, "notice.log", tsv("notice", notice("Own::Note", msg=text), notice("../../etc/passwd")))
    write(logs, "ssh.log", tsv("ssh", ends(22) | {"server": "SSH-2.0-OpenSSH_9\\x1b[31m Debian-\\x00"}))
    items = scan()
    assert not any("\x1b" in f"{each}" or "\u202e" in f"{each}" or "\0" in f"{each}" for each in items)
    assert [each.rule for each in only(Finding, items)] == ["zeek-Own::Note"]


def test_relative_paths_stay_in_the_repository_and_links_are_not_followed_out(logs, scan, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    write(outside, "conn.log", tsv("conn", connection(80)))
    with pytest.raises(ScanError, match="leads out"):
        scan(logs=f"../{outside.name}")
    (logs / "conn.log").symlink_to(outside / "conn.log")
    with pytest.raises(ScanError, match="no logs of Zeek"):
        scan()
    assert places(scan(logs=str(outside))) == ["10.0.0.5:80/tcp"]


def test_a_pipe_is_not_waited_for(logs, scan):
    os.mkfifo(logs / "conn.log")
    with pytest.raises(ScanError, match="no logs of Zeek"):
        scan()


def test_without_logs_it_fails_with_advice(scan, tmp_path):
    with pytest.raises(ScanError, match="is not a folder"):
        scan(logs="nothing")
    with pytest.raises(ScanError) as caught:
        list(Zeek().scan(Target(id="x", kind=Kind.HOSTS, addresses=(WEB,)), Context(root=tmp_path, home=tmp_path, deadline=time.monotonic() + 9)))  # fmt: skip  # noqa: E501
    assert "logs: DIR" in caught.value.advice


def test_of_too_much_the_newest_is_read_and_the_rest_is_a_gap(logs, scan, monkeypatch):
    old, new = tsv("conn", *[connection(port) for port in range(1, 300)]), tsv("conn", connection(8443))
    os.utime(write(logs, "conn.old.log", old), (1, 1))
    write(logs, "conn.log", new)
    monkeypatch.setattr(files.Reading, "__init__", _with(len(new) + len(old) // 2))
    items = scan()
    assert "10.0.0.5:8443/tcp" in places(items)
    assert "10.0.0.5:299/tcp" in places(items)
    assert "10.0.0.5:1/tcp" not in places(items)
    assert any("were left out" in each.reason for each in only(Gap, items))


def _with(left: int) -> Callable[..., None]:
    usual = files.Reading.__init__

    def made(self: files.Reading, **more: Any) -> None:
        usual(self, **more | {"left": left})

    return made


def test_a_bomb_and_a_damaged_file_end_in_gaps(logs, scan, monkeypatch):
    write(logs, "conn.log", tsv("conn", connection(80)))
    write(logs, "ssl.log.gz", gzip.compress(b"\n" * 50_000_000))
    write(logs, "notice.log.gz", gzip.compress(tsv("notice", notice("A::B")).encode())[:-20])
    monkeypatch.setattr(files.Reading, "__init__", _with(100_000))
    reasons = {each.what: each.reason for each in only(Gap, scan())}
    assert set(reasons) == {"ssl.log.gz", "notice.log.gz"}


def test_a_line_without_an_end_is_passed_over(logs, scan):
    write(logs, "conn.log", lines(connection(80)) + "x" * (3 * 2**20) + "\n" + lines(connection(81)))
    items = scan()
    assert places(items) == ["10.0.0.5:80/tcp", "10.0.0.5:81/tcp"]
    assert any("longer than 1 MiB" in each.reason for each in only(Gap, items))


def test_what_was_read_before_time_ran_out_is_told(logs, tmp_path):
    write(logs, "conn.log", lines(*[connection(port) for port in range(1, 5_000)]))
    calls = iter(range(100))
    ctx = Context(
        root=tmp_path,
        home=tmp_path,
        deadline=time.monotonic() + 60,
        options={"logs": "logs"},
        today=TODAY,
        cancelled=lambda: next(calls) > 1,
    )
    source = Zeek().scan(Target(id="edge", kind=Kind.HOSTS, addresses=(WEB,)), ctx)
    told: list[Item] = []
    with pytest.raises(CancelledError):
        told.extend(_noted(source, told))
    assert only(Service, told)
    assert only(Asked, told)


def _noted(source: Iterator[Item], into: list[Item]) -> Iterator[Item]:
    """An exception in the middle would lose what `list` has."""
    for item in source:
        into += [item]
    return iter(())


def test_it_runs_only_where_the_config_names_it():
    target = Target(id="edge", kind=Kind.HOSTS, addresses=(WEB,))
    assert unfit(Zeek(), target, named=False)
    assert not unfit(Zeek(), target, named=True)
