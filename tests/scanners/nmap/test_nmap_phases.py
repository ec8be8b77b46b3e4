"""Discovery first, then a close look at what is open: two answers of nmap become one, and no half answer is a pass."""

import base64
import hashlib
import ipaddress
from dataclasses import replace

import pytest
from nmap_xml import elem, head, host, items, port, report, script, table, tail

from scangate.core.model import Confidence
from scangate.core.scope import Scope
from scangate.errors import ScanError
from scangate.scanners.nmap.groups import LARGEST, Host, Openings, groups, merged
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.seen import Port, Seen

FIRST = host(port(80, "http", method="table"), port(81, state="closed"), address="192.0.2.1")
SECOND = host(port(22, "ssh", method="table"), port(80, "http", method="table"), address="192.0.2.2")
LOOKED = host(port(80, "http", product="nginx", version="1.22.1"), address="192.0.2.1")
LOOKED_TOO = host(port(22, "ssh", product="OpenSSH"), port(80, "http", product="Apache httpd"), address="192.0.2.2")
DOCUMENTED = Scope(allow=(ipaddress.ip_network("192.0.2.0/24"),))


def lines(folder):
    return (folder / "argv").read_text().splitlines()


class TestTwoPhases:
    def test_what_listens_is_what_the_second_answer_says(self, fake_nmap, scan):
        fake_nmap(report(FIRST, SECOND), detected=report(LOOKED, LOOKED_TOO))
        outcome = scan(["192.0.2.1", "192.0.2.2"], processes=1)
        assert outcome.is_evidence
        assert {(each.host, each.port, each.product) for each in outcome.services} == {
            ("192.0.2.1", 80, "nginx"), ("192.0.2.2", 22, "OpenSSH"), ("192.0.2.2", 80, "Apache httpd"),
        }  # fmt: skip
        assert outcome.versions == ["7.93"]

    def test_nothing_open_is_not_looked_at_again(self, fake_nmap, scan):
        folder = fake_nmap(report(host(port(80, state="closed"), address="192.0.2.1")))
        assert scan(["192.0.2.1"]).is_evidence
        assert len(lines(folder)) == 1

    def test_ports_that_nothing_has_open_are_not_asked_again(self, fake_nmap, scan):
        folder = fake_nmap(report(FIRST, SECOND), detected=report(LOOKED, LOOKED_TOO))
        scan(["192.0.2.1", "192.0.2.2"], ports="1-1000", processes=1)
        ports, services = lines(folder)
        assert "-p T:1-1000 " in ports
        assert "-p T:22,80 " in services

    def test_the_work_is_split_over_processes(self, fake_nmap, scan):
        folder = fake_nmap(report(FIRST, SECOND), detected=report(LOOKED, LOOKED_TOO))
        outcome = scan(["192.0.2.1", "192.0.2.2"])
        assert outcome.is_evidence
        asked = sorted(line.partition("-p ")[2].split()[0] for line in lines(folder) if "-sV" in line)
        assert asked == ["T:22,80", "T:80"]

    def test_hosts_that_were_not_asked_for_are_not_looked_at(self, fake_nmap, scan):
        folder = fake_nmap(report(FIRST, SECOND), detected=report(LOOKED))
        outcome = scan(["192.0.2.1"])
        assert {each.host for each in outcome.services} == {"192.0.2.1"}
        assert len(lines(folder)) == 2
        assert scan(["192.0.2.0/24"], exclude=["192.0.2.2"]).services

    def test_the_rate_of_the_scope_is_handed_to_one_run_at_a_time(self, fake_nmap, scan):
        folder = fake_nmap(report(FIRST, SECOND), detected=report(LOOKED, LOOKED_TOO))
        outcome = scan(["192.0.2.1", "192.0.2.2"], scope=replace(DOCUMENTED, rate=100.0))
        assert outcome.is_evidence
        assert len(lines(folder)) == 2
        assert all("--max-rate 90 " in line for line in lines(folder))
        assert any("90 packets per second" in note for note in outcome.notes)

    def test_how_many_ports_answered_is_said(self, fake_nmap, scan):
        extra = '<extraports state="filtered" count="97"><extrareasons reason="no-response" count="97"/></extraports>'
        fake_nmap(report(host(port(80, "http"), port(81, state="closed"), address="192.0.2.1", extra=extra)))
        assert "2 of 99 ports that were asked on 1 hosts answered" in scan(["192.0.2.1"]).notes


LATE = host(address="192.0.2.1", attributes=' timedout="true"')
LOST = {
    "gone": ((head() + tail(0, 1)).encode(), "its host no longer answered"),
    "late": (report(LATE), "within the time allowed for one host"),
    "filtered": (report(host(port(80, state="filtered"), address="192.0.2.1")), "no longer answered when asked"),
    "closed": (report(host(port(80, state="closed"), address="192.0.2.1")), "no longer answered when asked"),
}


class TestHalfAnswers:
    @pytest.mark.parametrize("fate", LOST)
    def test_a_host_that_is_lost_in_between_is_a_gap_and_its_port_is_open(self, fate, fake_nmap, scan):
        later, reason = LOST[fate]
        fake_nmap(report(FIRST), detected=later)
        outcome = scan(["192.0.2.1"])
        assert not outcome.is_evidence
        assert outcome.gaps["192.0.2.1"].startswith("80/tcp open, and what listens there is not known: ")
        assert reason in outcome.gaps["192.0.2.1"]
        assert [(each.port, each.state, each.method) for each in outcome.services] == [(80, "open", "table")]
        assert outcome.rules == {("192.0.2.1:80/tcp", "net-unexpected-port")}

    def test_a_crash_of_the_closer_look_fails_the_run_and_keeps_the_open_ports(self, fake_nmap, scan):
        fake_nmap(report(FIRST), 'case "$phase" in services) exit 9;; esac', detected=b"")
        outcome = scan(["192.0.2.1"])
        assert isinstance(outcome.error, ScanError)
        assert "exit code 9" in outcome.error.message
        assert [each.port for each in outcome.services] == [80]
        assert "that was not asked: nmap ended with exit code 9" in outcome.gaps["192.0.2.1"]

    def test_in_a_network_it_is_a_gap_of_its_own(self, fake_nmap, scan):
        fake_nmap((head() + FIRST + SECOND + tail(2, 16)).encode(), detected=report(LOOKED))
        outcome = scan(["192.0.2.0/28"])
        assert list(outcome.gaps) == ["192.0.2.2"]
        assert outcome.asked == 2
        assert outcome.notes[-1] == "14 of 16 addresses of 192.0.2.0/28 did not answer"

    def test_the_time_for_what_listens_is_not_used_up_by_the_search_for_ports(self, fake_nmap, scan):
        """The first host was finished when discovery was cut off: there is time left to look at it."""
        cut = (head() + FIRST + SECOND[: len(SECOND) // 2]).encode()
        fake_nmap(cut, 'case "$phase" in ports) sleep 600;; esac', detected=report(LOOKED))
        outcome = scan(["192.0.2.1", "192.0.2.2"], seconds=6)
        assert [each.product for each in outcome.services] == ["nginx"]
        assert list(outcome.gaps) == ["192.0.2.2"]


def opened(address, *numbers):
    return Host(address=address, ports=tuple(Port(number=each, protocol="tcp", state="open") for each in numbers))


class TestGroups:
    def test_every_process_has_work_and_no_host_is_lost(self):
        hosts = [opened(f"192.0.2.{number}", 22, *([80] if number % 2 else [])) for number in range(64)]
        made = [*groups(None, hosts, 8)]
        assert len(made) == 8
        assert {host.address for group in made for host in group.hosts} == {host.address for host in hosts}
        assert all(len({len(host.ports) for host in group.hosts}) == 1 for group in made)

    def test_groups_stay_small_so_that_a_slow_host_holds_up_few(self):
        hosts = [opened(f"10.0.{number // 250}.{number % 250}", 22) for number in range(1000)]
        assert max(len(group.hosts) for group in groups(None, hosts, 8)) == LARGEST

    def test_no_hosts_are_no_groups(self):
        assert [*groups(None, [], 8)] == []

    def test_the_same_ports_are_kept_once(self):
        openings = Openings()
        made = [
            openings.of(event)
            for event in parse(report(*(host(port(80, "http"), address=f"192.0.2.{number}") for number in range(9))))
            if isinstance(event, Seen)
        ]
        assert len({id(each.ports) for each in made if each}) == 1

    def test_udp_that_may_be_open_is_looked_at_and_is_no_loss_when_it_stays_so(self):
        maybe = Port(number=53, protocol="udp", state="open|filtered")
        seen = Seen(address="192.0.2.1", addresses=(), state="up", ports=(maybe,))
        found = Openings().of(seen)
        assert found is not None
        assert merged(found, seen) == (seen, ())


class TestServices:
    def test_a_certificate_is_known_by_the_hash_of_its_bytes(self):
        der = b"not really a certificate" * 9
        pem = f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"
        answer = script("ssl-cert", "x", table("subject", elem("commonName", "a")) + elem("pem", pem))
        suites = script(
            "ssl-enum-ciphers", "x", table("TLSv1.2", "") + table("TLSv1.3", "") + elem("least strength", "A")
        )
        (service, *_) = items(report(host(port(443, "https", answer, suites))), name="edge.example.com")
        assert service.certificate == hashlib.sha256(der).hexdigest()
        assert service.tls == "TLSv1.3"
        assert (service.host, service.address) == ("edge.example.com", "192.0.2.7")

    def test_a_host_key_is_known_by_its_fingerprint(self):
        keys = {"ssh-rsa": b"rsa key", "ssh-ed25519": b"ed25519 key", "ecdsa-sha2-nistp256": b"ecdsa key"}
        tables = [
            table("", elem("type", kind), elem("key", base64.b64encode(key).decode())) for kind, key in keys.items()
        ]
        (service, *_) = items(report(host(port(22, "ssh", script("ssh-hostkey", "x", *["".join(tables)])))))
        digest = base64.b64encode(hashlib.sha256(b"ed25519 key").digest()).decode().rstrip("=")
        assert service.host_key == f"SHA256:{digest}"

    @pytest.mark.parametrize(
        "answer",
        [
            script("ssl-cert", "x", elem("pem", "-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----")),
            script("ssl-cert", "x", table("pem", elem("", "x"))),
            script("ssh-hostkey", "x", elem("", "x") + table("", elem("type", "ssh-rsa"), elem("key", "?"))),
            script("ssh-hostkey", "x", table("", table("type"), elem("key", "AAAA"))),
        ],
    )
    def test_what_is_no_key_is_none(self, answer):
        (service, *_) = items(report(host(port(443, "https", answer))))
        assert (service.certificate, service.host_key, service.tls) == ("", "", "")


def vulnerability(state="VULNERABLE", key="CVE-2014-3566", title="SSL POODLE information leak", output=""):
    inner = elem("title", title) + elem("state", state) + table("ids", elem("", "BID:70574"), elem("", f"CVE:{key}"))
    return script("ssl-poodle", output or "  Risk factor: High", table(key, inner))


class TestVulnerabilityScripts:
    def found(self, *answers):
        return {
            each.rule: each
            for each in items(report(host(port(443, "https", *answers))))
            if type(each).__name__ == "Finding" and not each.rule.startswith("net-")
        }

    def test_what_a_script_says_is_a_possibility(self):
        (found,) = self.found(vulnerability()).values()
        assert found.rule == "CVE-2014-3566"
        assert found.confidence is Confidence.POTENTIAL
        assert found.severity.name == "HIGH"
        assert found.subject == "192.0.2.7:443/tcp"
        assert ("script", "ssl-poodle") in found.evidence[0].facts

    def test_likely_is_said_and_without_a_cve_the_script_is_the_rule(self):
        (found,) = self.found(vulnerability("LIKELY VULNERABLE", key="NMAP-1", output="x")).values()
        assert (found.rule, found.severity.name) == ("nmap-ssl-poodle", "UNKNOWN")
        assert "likely vulnerable" in found.message

    @pytest.mark.parametrize("state", ["NOT VULNERABLE", "UNKNOWN (unable to test)", ""])
    def test_what_is_not_vulnerable_is_no_finding(self, state):
        assert self.found(vulnerability(state)) == {}

    def test_answers_of_another_form_are_no_findings(self):
        odd = script("vulners", "x", table("cpe:/a:x", table("", elem("id", "CVE-2020-1"), elem("cvss", "9.8"))))
        assert self.found(odd, script("ssl-poodle", "x", elem("CVE-2014-3566", "VULNERABLE"))) == {}

    def test_what_no_rule_reads_is_evidence_of_what_is_found_there(self):
        answer = script("http-title", "\n  Welcome to\n  the shop")
        (_service, finding) = items(report(host(port(80, "http", answer))))
        assert ("script http-title", "Welcome to /   the shop") in finding.evidence[0].facts
