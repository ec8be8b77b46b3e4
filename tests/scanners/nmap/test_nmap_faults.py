"""Whatever goes wrong, no host that was not looked at passes for one that was, and the reason says what happened."""

import os
import re
import socket
import time
from pathlib import Path

import pytest
from nmap_xml import head, host, port, report, tail

from scangate import process
from scangate.core.model import Kind
from scangate.errors import CancelledError, DeadlineError, ScanError, ToolMissingError
from scangate.scanners import Need, nmap
from scangate.scanners.nmap import Nmap

GOOD = host(port(80, "http"), port(81, state="closed"), address="192.0.2.1")
SECOND = host(port(80, "http"), address="192.0.2.2")
CUT = (head() + GOOD + SECOND[: len(SECOND) // 2]).encode()


def test_a_scan_that_went_well_is_evidence(fake_nmap, scan):
    fake_nmap((head() + GOOD + SECOND + tail(2, 2)).encode())
    outcome = scan(["192.0.2.1", "192.0.2.2"])
    assert outcome.is_evidence
    assert outcome.asked == 2
    assert outcome.versions == ["7.93"]
    assert [service.host for service in outcome.services] == ["192.0.2.1", "192.0.2.2"]


FAULTS = {
    "crash": (report(GOOD), "exit 1", "ended with exit code 1"),
    "crash with words": (None, "echo 'dnet: Failed to open device eth0' >&2; exit 1", "Failed to open device eth0"),
    "killed": (CUT, "kill -SEGV $$", "was ended by SIGSEGV"),
    "no report": (None, "exit 0", "ended before its report was complete"),
    "empty report": (b"", "exit 0", "ended before its report was complete"),
    "truncated": (CUT, "exit 0", "ended before its report was complete"),
    "no host": ((head() + tail(0, 0)).encode(), "echo 'Failed to resolve' >&2", "scanned no host: Failed to resolve"),
    "bad arguments": (
        b"<nmaprun>" + tail(0, 0, "error", "Ports specified must be between 0 and 65535").encode(),
        "exit 1",
        "gave up: Ports specified must be between 0 and 65535",
    ),
    "error with exit 0": (
        (head() + GOOD + tail(1, 1, "error", "out of memory")).encode(), "exit 0", "gave up: out of memory",
    ),
    "wrong schema": (b"<html><body>captive portal</body></html>", "exit 0", "its root is <html>"),
    "entities": (b'<!DOCTYPE nmaprun [<!ENTITY a "b">]><nmaprun/>', "exit 0", "declares entities"),
    "floods standard error": (
        (head() + GOOD).encode(),
        "i=0; while [ $i -lt 20000 ]; do echo 'RTTVAR has grown to over 2.3 seconds' >&2; i=$((i+1)); done; exit 9",
        "exit code 9",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_a_pass(fault, fake_nmap, scan):
    document, then, reason = FAULTS[fault]
    fake_nmap(document, then)
    outcome = scan(["192.0.2.1", "192.0.2.2"])
    assert outcome.error is not None
    assert reason in outcome.error.message
    assert len(outcome.error.message) < 800
    assert outcome.error.advice or "is refused" in outcome.error.message or "not a report" in outcome.error.message
    assert not outcome.is_evidence
    if b"192.0.2.1" in (document or b"") and "192.0.2.1" not in outcome.gaps:
        assert [service.host for service in outcome.services] == ["192.0.2.1"]
    assert "192.0.2.2" in outcome.gaps


def test_nmap_that_is_not_there(monkeypatch, tmp_path, scan):
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = scan(["192.0.2.1"])
    assert isinstance(outcome.error, ToolMissingError)
    assert "apt-get install nmap" in outcome.error.advice
    assert Nmap().find(Nmap().needs()[0], tmp_path) is None


def test_a_program_called_nmap_that_is_none(fake_nmap, tmp_path):
    fake_nmap(None, "echo hello")
    assert Nmap().find(Nmap().needs()[0], tmp_path) is None


def test_nmap_that_never_ends_keeps_what_it_had_finished(fake_nmap, scan):
    fake_nmap(CUT, "sleep 600")
    started = time.monotonic()
    outcome = scan(["192.0.2.1", "192.0.2.2"], seconds=1.5)
    assert isinstance(outcome.error, DeadlineError)
    assert [service.host for service in outcome.services] == ["192.0.2.1"]
    assert outcome.asked == 2
    assert list(outcome.gaps) == ["192.0.2.2"]
    assert "did not finish in the time allowed" in outcome.gaps["192.0.2.2"]
    assert time.monotonic() - started < 60


def test_an_interrupt_keeps_what_was_finished(fake_nmap, scan, monkeypatch):
    fake_nmap(CUT, "sleep 600")
    monkeypatch.setattr(process, "run", _interrupted(process.run))
    outcome = scan(["192.0.2.1", "192.0.2.2"])
    assert isinstance(outcome.error, CancelledError)
    assert [service.host for service in outcome.services] == ["192.0.2.1"]


def _interrupted(run):
    def short(argv, *, deadline, **more):
        try:
            return run(argv, deadline=time.monotonic() + 1, **more)
        except DeadlineError:
            raise CancelledError("interrupted before it was finished") from None

    return short


def test_a_host_that_timed_out_is_a_gap_and_not_a_clean_host(fake_nmap, scan):
    fake_nmap(report(GOOD, host(address="192.0.2.2", attributes=' timedout="true"')))
    outcome = scan(["192.0.2.1", "192.0.2.2"])
    assert outcome.error is None
    assert outcome.gaps == {"192.0.2.2": "did not finish within the time allowed for one host"}


def test_a_host_that_is_only_said_to_be_up_is_a_gap(fake_nmap, scan):
    fake_nmap(report(GOOD, host(port(80, state="filtered"), address="192.0.2.2")))
    outcome = scan(["192.0.2.1", "192.0.2.2"])
    assert outcome.gaps == {"192.0.2.2": "did not answer: nothing came back from any port that was asked"}


def test_a_host_that_is_not_in_the_report_is_a_gap(fake_nmap, scan):
    fake_nmap(report(GOOD))
    assert scan(["192.0.2.1", "192.0.2.2"]).gaps == {"192.0.2.2": "did not answer"}


def test_a_network_counts_who_answered_and_says_who_did_not(fake_nmap, scan):
    fake_nmap((head() + GOOD + SECOND + tail(2, 16)).encode())
    outcome = scan(["192.0.2.0/28"], exclude=["192.0.2.9"])
    assert outcome.is_evidence
    assert outcome.asked == 2
    assert outcome.notes[-1] == "13 of 15 addresses of 192.0.2.0/28 did not answer"


def test_a_silent_network_is_a_gap(fake_nmap, scan):
    fake_nmap((head() + tail(0, 16)).encode())
    outcome = scan(["192.0.2.0/28"])
    assert outcome.error is None
    assert outcome.gaps == {"192.0.2.0/28": "none of its 16 addresses answered"}
    assert outcome.asked == 1


def test_a_network_that_was_cut_off_is_a_gap_beside_the_hosts_that_were_finished(fake_nmap, scan):
    fake_nmap(CUT)
    outcome = scan(["192.0.2.0/28"])
    assert outcome.asked == 2
    assert list(outcome.gaps) == ["192.0.2.0/28"]


def test_a_late_host_in_a_network_is_a_gap_of_its_own(fake_nmap, scan):
    late = host(address="192.0.2.2", attributes=' timedout="true"')
    fake_nmap((head() + GOOD + late + tail(2, 16)).encode())
    outcome = scan(["192.0.2.0/28"])
    assert list(outcome.gaps) == ["192.0.2.2"]
    assert outcome.asked == 2


def _resolves(monkeypatch, *addresses):
    def found(*_args, **_kwargs):
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, 0, 0, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_a_name_that_does_not_resolve_is_a_gap(monkeypatch, fake_nmap, scan):
    _resolves(monkeypatch)
    folder = fake_nmap(report(GOOD))
    outcome = scan(["does-not-exist.invalid"])
    assert outcome.gaps == {"does-not-exist.invalid": "does not resolve (Name or service not known)"}
    assert outcome.asked == 1
    assert not (folder / "argv").exists()


def test_a_name_is_one_unit_and_its_findings_bear_it(monkeypatch, fake_nmap, scan):
    _resolves(monkeypatch, "192.0.2.1", "192.0.2.2")
    folder = fake_nmap(report(GOOD, SECOND))
    outcome = scan(["edge.example.com"])
    assert outcome.is_evidence
    assert outcome.asked == 1
    assert outcome.rules == {("edge.example.com:80/tcp", "net-unexpected-port")}
    assert {(service.host, service.address) for service in outcome.services} == {
        ("edge.example.com", "192.0.2.1"),
        ("edge.example.com", "192.0.2.2"),
    }
    assert "edge.example.com" in (folder / "argv").read_text()


def test_a_name_is_covered_when_all_its_addresses_are(monkeypatch, fake_nmap, scan):
    _resolves(monkeypatch, "192.0.2.1", "2001:db8::1")
    fake_nmap(report(GOOD), ipv6=(head() + tail(0, 0)).encode())
    outcome = scan(["edge.example.com"])
    assert outcome.error is None
    assert list(outcome.gaps) == ["edge.example.com"]
    assert outcome.gaps["edge.example.com"].startswith(
        "1 of its 2 addresses: 2001:db8::1 was not scanned: nmap scanned no host"
    )
    only = scan(["edge.example.com"], resolve="ipv4")
    assert only.is_evidence
    assert "2001:db8::1 of edge.example.com is left out by `resolve`" in only.notes


def test_an_expected_port_that_is_open_nowhere_is_found_when_everything_was_looked_at(fake_nmap, scan):
    fake_nmap(report(GOOD, SECOND, services="80-81,443"))
    outcome = scan(["192.0.2.1", "192.0.2.2"], expect=["80", "443", "9999"])
    assert outcome.rules == {("edge:443/tcp", "net-expected-port-closed")}
    partly = scan(["192.0.2.1", "192.0.2.3"], expect=["80", "443"])
    assert partly.gaps
    assert "net-expected-port-closed" not in {rule for _, rule in partly.rules}


def test_everything_excluded_is_nothing_asked(fake_nmap, scan):
    folder = fake_nmap(report(GOOD))
    outcome = scan(["192.0.2.1"], exclude=["192.0.2.0/24"])
    assert outcome.asked == 0
    assert not outcome.is_evidence
    assert not (folder / "argv").exists()


def test_udp_without_raw_sockets_is_not_forgotten(monkeypatch, fake_nmap, scan):
    monkeypatch.setattr("scangate.scanners.nmap.scan.raw_sockets", lambda: False)
    folder = fake_nmap(report(GOOD))
    outcome = scan(["192.0.2.1"], ports="80,U:53")
    assert outcome.services
    assert outcome.error is not None
    assert "UDP ports 53 were not scanned" in outcome.error.message
    assert "-sT" in (folder / "argv").read_text()
    only = scan(["192.0.2.1"], ports="U:53,161-162")
    assert only.items == []
    assert only.error is not None
    assert "UDP ports 53, 161-162" in only.error.message


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ports": "http"}, "is not a list of ports"),
        ({"expect": ["x"]}, "is not an expected port"),
        ({}, "is not a host"),
    ],
)
def test_a_target_that_cannot_be_read_is_an_error_with_advice(fake_nmap, scan, more, said):
    folder = fake_nmap(report(GOOD))
    outcome = scan(["192.0.2.1"] if more else ["-oN"], **more)
    assert outcome.error is not None
    assert said in outcome.error.message
    assert "scangate.yml" in outcome.error.advice
    assert not (folder / "argv").exists()


def test_a_disk_that_is_full_is_an_error_and_not_a_crash(monkeypatch, fake_nmap, scan):
    def full(*_args):
        raise OSError(28, "No space left on device")

    fake_nmap(report(GOOD))
    monkeypatch.setattr("scangate.scanners.nmap.runs.prepare", full)
    outcome = scan(["192.0.2.1"])
    assert outcome.error is not None
    assert "No space left on device" in outcome.error.message


class TestDefectsOfPythonNmap:
    def test_1_a_target_could_be_read_as_an_option(self, fake_nmap, scan, tmp_path):
        folder = fake_nmap(report(GOOD))
        outcome = scan([f"127.0.0.11 -oN {tmp_path}/written"])
        assert isinstance(outcome.error, ScanError)
        assert not (folder / "argv").exists()
        assert not (tmp_path / "written").exists()

    def test_6_after_a_timeout_only_the_direct_child_was_ended(self, fake_nmap, scan, tmp_path):
        fake_nmap(None, f"sleep 600 & echo $! > {tmp_path}/grandchild; wait")
        assert isinstance(scan(["192.0.2.1"], seconds=1.5).error, DeadlineError)
        pid = int((tmp_path / "grandchild").read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    def test_6_after_a_failure_the_hosts_of_the_scan_before_came_back(self, fake_nmap, scan):
        folder = fake_nmap(report(GOOD))
        assert scan(["192.0.2.1"]).services
        (folder / "report4.xml").unlink()
        assert scan(["192.0.2.1"]).services == []

    def test_8_an_empty_target_looked_like_success(self, scan):
        outcome = scan([])
        assert outcome.asked == 0
        assert not outcome.is_evidence

    def test_9_errors_in_the_background_were_swallowed(self, fake_nmap, scan):
        fake_nmap(report(GOOD), ipv6=b"<html/>")
        outcome = scan(["192.0.2.1", "2001:db8::1"])
        assert outcome.services
        assert outcome.error is not None
        assert "its root is <html>" in outcome.error.message
        assert list(outcome.gaps) == ["2001:db8::1"]


def test_the_adapter_keeps_its_contract():
    scanner = Nmap()
    assert scanner.kinds == frozenset({Kind.HOSTS})
    assert scanner.needs() == (Need(name="nmap", install="apt-get install nmap", minimum="7.80"),)
    assert scanner.options["additionalProperties"] is False
    assert "subprocess" not in "".join(file.read_text() for file in Path(nmap.__file__).parent.rglob("*.py"))
    assert re.fullmatch(r"[a-z-]+", scanner.name)
