"""Everything that can go wrong between us, ssh-audit and a server, with programs that pretend (constructed)."""

import json
import os
import time

import pytest
from ssh_place import HOST

from scangate.core.model import Confidence, Finding, Service, Tool
from scangate.errors import CancelledError, DeadlineError, ToolMissingError

FINE = {
    "banner": {"raw": "SSH-2.0-OpenSSH_9.2p1", "software": "OpenSSH_9.2p1"},
    "kex": [{"algorithm": "curve25519-sha256"}, {"algorithm": "kex-strict-s-v00@openssh.com"}],
    "key": [{"algorithm": "ssh-ed25519"}],
    "enc": [{"algorithm": "aes256-gcm@openssh.com"}],
    "mac": [{"algorithm": "hmac-sha2-512-etm@openssh.com"}],
    "fingerprints": [{"hash": "m" * 43, "hash_alg": "SHA256", "hostkey": "ssh-ed25519"}],
}


def report(**changes):
    return json.dumps(FINE | changes).encode()


def offers(kind, *names):
    return [*FINE[kind], *({"algorithm": name} for name in names)]


def test_a_hardened_server_breaks_no_rule(scan, greet, programs):
    programs(report(), exits=0, ssh='echo "x@y: Permission denied (publickey)." >&2; exit 255')
    outcome = scan(greet())
    assert outcome.error is None
    assert (outcome.gaps, outcome.severities, outcome.notes, outcome.asked) == ({}, {}, [], 1)
    (service,) = outcome.all(Service)
    assert service.host_key == "SHA256:" + "m" * 43
    (tool,) = outcome.all(Tool)
    assert (tool.name, tool.version) == ("ssh-audit", "3.9.0")
    assert tool.digest.startswith("sha256:")


def test_it_is_called_by_address_and_never_for_an_attack(scan, greet, programs):
    folder = programs(report())
    port = greet()
    scan(port)
    assert (folder / "argv").read_text() == f"-jj --skip-rate-test -t 5 -p {port} {HOST}\n"
    asked = (folder / "argv-ssh").read_text()
    assert "PreferredAuthentications=none" in asked
    assert asked.strip().endswith(f"-l scangate -p {port} {HOST}")
    assert "-F none" in asked


def test_an_old_ssh_audit_is_not_given_an_option_it_lacks(scan, greet, programs):
    folder = programs(report(), version="2.5.0")
    scan(greet())
    assert "--skip-rate-test" not in (folder / "argv").read_text()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"mac": offers("mac", "hmac-md5")}, {"ssh-algorithm-weak": "MEDIUM"}),
        ({"enc": offers("enc", "none")}, {"ssh-algorithm-weak": "HIGH"}),
        ({"enc": offers("enc", "aes128-cbc")}, {"ssh-algorithm-dated": "LOW"}),
        ({"key": [{"algorithm": "rsa-sha2-512", "keysize": 1024}]}, {"ssh-host-key-weak": "HIGH"}),
        ({"key": [{"algorithm": "rsa-sha2-512", "keysize": 2048}]}, {}),
        (
            {"kex": [*offers("kex"), {"algorithm": "diffie-hellman-group-exchange-sha256", "keysize": 1024}]},
            {"ssh-dh-weak": "MEDIUM"},
        ),
        (
            {"kex": FINE["kex"][:1], "enc": offers("enc", "chacha20-poly1305@openssh.com")},
            {"CVE-2023-48795": "MEDIUM"},
        ),
        ({"enc": offers("enc", "chacha20-poly1305@openssh.com")}, {}),
        ({"kex": offers("kex", "ecdh-sha2-nistp256")}, {}),
        (
            {"enc": [*offers("enc"), {"algorithm": "new@x", "notes": {"fail": ["bad idea"]}}]},
            {"ssh-algorithm-weak": "MEDIUM"},
        ),
        ({"enc": [*offers("enc"), {"algorithm": "new@x", "notes": {"warn": ["post-quantum"]}}]}, {}),
    ],
)
def test_what_is_offered_is_judged(scan, greet, programs, changes, expected):
    programs(report(**changes))
    assert scan(greet(), logins=False).severities == expected


def test_a_vulnerability_by_banner_is_potential(scan, greet, programs):
    cves = [{"name": "CVE-2021-41617", "cvssv2": 7.0, "description": "privilege escalation"}, {"name": "../x"}, 7]
    programs(report(cves=cves))
    outcome = scan(greet(), logins=False)
    finding = outcome.said("CVE-2021-41617")
    assert outcome.severities == {"CVE-2021-41617": "HIGH"}
    assert finding.confidence is Confidence.POTENTIAL
    assert finding.subject.startswith(f"{HOST}:")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("publickey,password", {"ssh-password-authentication": "LOW"}),
        ("publickey,keyboard-interactive", {"ssh-password-authentication": "LOW"}),
        ("publickey,gssapi-with-mic", {}),
    ],
)
def test_the_ways_to_log_in_are_told(scan, greet, programs, said, expected):
    programs(report(), ssh=f'echo "a@b: Permission denied ({said})." >&2; exit 255')
    outcome = scan(greet())
    assert outcome.severities == expected
    assert outcome.notes == []


def test_a_client_that_knows_no_old_algorithms_is_asked_again(scan, greet, programs):
    again = (
        'case "$*" in *KexAlgorithms*) echo "command-line line 0: Bad SSH2 KexAlgorithms" >&2; exit 255;; esac\n'
        'echo "a@b: Permission denied (password)." >&2; exit 255'
    )
    programs(report(), ssh=again)
    assert scan(greet()).severities == {"ssh-password-authentication": "LOW"}


def test_ways_to_log_in_that_were_not_found_out_are_a_note(scan, greet, programs):
    programs(report(), ssh="echo Connection reset >&2; exit 255")
    outcome = scan(greet())
    assert "was not found out" in outcome.notes[0]
    assert outcome.gaps == {}
    assert scan(greet(), logins=False).notes == []


@pytest.mark.parametrize(
    ("content", "exits", "then", "reason"),
    [
        (b"", 1, "echo '[exception] cannot connect to x: refused'", "no key exchange: cannot connect to x: refused"),
        (b"", 255, "echo 'Traceback: boom' >&2", "ended with exit code 255: Traceback: boom"),
        (b"", 3, "", "left no whole report"),
        (report()[:200], 3, "", "left no whole report"),
        (b"[" * 100_000, 3, "", "left no whole report"),
        (b"{}", 0, "", "has no algorithms"),
        (b"[]", 0, "", "has no algorithms"),
        (b'{"kex": [], "key": [], "enc": []}', 0, "", "has no algorithms"),
        (b"", 0, "kill -9 $$", "ended with signal 9"),
    ],
)
def test_a_run_that_did_not_end_well_is_a_gap(scan, greet, programs, content, exits, then, reason):
    programs(content, exits=exits, then=then)
    port = greet()
    outcome = scan(port)
    assert outcome.error is None
    assert reason in outcome.gaps[f"{HOST}:{port}/tcp"]
    assert outcome.asked == 1


@pytest.mark.parametrize(
    "changes",
    [
        {
            "kex": [
                None,
                7,
                {},
                {"algorithm": None},
                {"algorithm": ["x"]},
                {"algorithm": "a", "notes": [], "keysize": "9"},
            ]
        },
        {"kex": ["curve25519-sha256"], "fingerprints": {"a": 1}, "cves": "x", "recommendations": ["x"], "banner": 5},
        {"fingerprints": [7, {"hash": 5}, {"hash": "short", "hash_alg": "SHA256", "hostkey": "ssh-rsa"}]},
        {"recommendations": {"critical": {"del": {"mac": ["x", {"name": 5}]}, "chg": 5}, "warning": 5}},
    ],
)
def test_parts_that_are_not_what_they_should_be_do_no_harm(scan, greet, programs, changes):
    programs(report(**changes))
    outcome = scan(greet(), logins=False)
    assert outcome.error is None
    assert outcome.gaps == {}


def test_what_a_server_says_of_itself_comes_out_clean(scan, greet, programs):
    evil = "OpenSSH\x1b[31m\n::error::x"
    programs(report(banner={"raw": evil, "software": evil}, mac=offers("mac", f"hmac-md5{evil}")))
    outcome = scan(greet(b"SSH-2.0-\x1b[2J\xff\xfe" + b"a" * 300 + b"\r\n"), logins=False)
    for finding in outcome.all(Finding):
        assert "\x1b" not in str(finding)


def test_a_hung_program_is_ended_with_its_time(scan, greet, programs, monkeypatch):
    from scangate.scanners.ssh_audit import scan as scanning

    monkeypatch.setattr(scanning, "SECONDS", 1.0)
    programs(report(), then="sleep 60")
    began = time.monotonic()
    outcome = scan(greet())
    assert time.monotonic() - began < 10
    assert "was not finished in" in next(iter(outcome.gaps.values()))
    assert outcome.error is None


def test_the_end_of_all_time_ends_the_scan(scan, greet, programs):
    programs(report(), then="sleep 60")
    outcome = scan(greet(), seconds=1.0)
    assert isinstance(outcome.error, DeadlineError)
    assert len(outcome.gaps) == 1


def test_an_interrupt_ends_the_scan(scan, greet, programs):
    programs(report())
    outcome = scan(greet(), cancelled=lambda: True)
    assert isinstance(outcome.error, CancelledError)


def test_version_1_is_heard_from_the_greeting(scan, greet, programs):
    folder = programs(report())
    outcome = scan(greet(b"SSH-1.5-old\r\n"))
    assert outcome.severities == {"ssh-protocol-1": "HIGH"}
    assert not (folder / "argv").exists()
    assert scan(greet(b"SSH-1.99-both\r\n"), logins=False).severities == {"ssh-protocol-1": "HIGH"}


def test_a_server_that_is_said_to_be_ssh_and_is_not_is_a_gap(scan, greet, programs):
    programs(report())
    port = greet(b"220 ftp\r\n")
    assert "does not greet" in scan(port).gaps[f"{HOST}:{port}/tcp"]
    outcome = scan(port, name="unknown")
    assert outcome.gaps == {}
    assert "no SSH server among 1" in outcome.notes[0]
    assert outcome.asked == 1


def test_a_port_that_nobody_saw_open_and_that_is_closed_is_no_gap(scan, programs):
    programs(report())
    outcome = scan(22, services=(), ports="22,80,443")
    assert outcome.gaps == {}
    assert outcome.asked == 1


def test_a_missing_program_says_what_mends_it(scan, greet, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = scan(greet())
    assert isinstance(outcome.error, ToolMissingError)
    assert "scangate engines install ssh-audit" in outcome.error.advice


def test_the_keys_of_the_user_are_out_of_reach(scan, greet, programs):
    folder = programs(report(), ssh='echo "$HOME" > "$(dirname "$0")/home"; exit 255')
    scan(greet())
    home = (folder / "home").read_text().strip()
    assert home != os.environ["HOME"]
    assert "scangate-ssh-" in home
