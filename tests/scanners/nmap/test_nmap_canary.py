"""The canary is found by a scanner that looks, and missed by one that does not: so finding nothing means something."""

import shutil
import socket
from pathlib import Path

import pytest

from scangate.cli.canary import tried
from scangate.core.model import Asked
from scangate.scanners import Context
from scangate.scanners.canary import HOST, canary_of, listening
from scangate.scanners.nmap import Nmap


def said(scanner, tmp_path: Path):
    return [*tried({scanner.name: scanner}, tmp_path, lambda *_args, **_more: None)]


class Blind(Nmap):
    """Says that it covered everything, and saw nothing."""

    def needs(self):
        return ()

    def scan(self, target, ctx: Context):
        yield Asked(unit="hosts", count=1)


class Without(Blind):
    canary = None


def test_a_scanner_that_sees_nothing_is_told_apart(tmp_path):
    ((what, state, remedy),) = said(Blind(), tmp_path)
    assert what == "canary nmap"
    assert state == "NOT found: net-cleartext-telnet, net-no-auth-redis"
    assert remedy


def test_a_scanner_without_a_canary_is_not_tried(tmp_path):
    assert said(Without(), tmp_path) == []


def test_a_scanner_that_breaks_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    ((_what, state, remedy),) = said(Nmap(), tmp_path)
    assert state.endswith("(nmap is not installed)")
    assert "apt-get install nmap" in remedy


def test_the_fixture_is_on_loopback_and_gone_afterwards():
    with listening(lambda asked: asked.upper() or b"hello ") as port:
        with socket.create_connection((HOST, port), timeout=5) as connection:
            connection.sendall(b"who")
            answer = b""
            while not answer.endswith(b"WHO"):
                answer += connection.recv(100)
        assert answer == b"hello WHO"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=5)


@pytest.mark.real
@pytest.mark.timeout(240)
@pytest.mark.skipif(not shutil.which("nmap"), reason="nmap is not installed: apt-get install nmap")
def test_nmap_finds_it(tmp_path):
    assert canary_of(Nmap()) is not None
    assert said(Nmap(), tmp_path) == [("canary nmap", "ok: found net-cleartext-telnet, net-no-auth-redis", "")]
