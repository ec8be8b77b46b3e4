"""Hosts behind a router, each with a fate of its own: none that was not looked at passes for one that was."""

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import pytest

from scangate import process

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not shutil.which("nmap"), reason="nmap is not installed: apt-get install nmap"),
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("nft"),
        reason="making a network namespace needs root, iproute2 and nftables",
    ),
]
SERVERS = """
import http.server, socket, sys, threading, time
network = sys.argv[1]

def drip(connection):
    with connection:
        try:
            while True:
                connection.sendall(b"#")
                time.sleep(1)
        except OSError:
            pass

def tarpit():
    listener = socket.create_server((f"{network}.4", 80), backlog=64)
    while True:
        threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

class Page(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass

threading.Thread(target=tarpit, daemon=True).start()
for host in (2, 5):
    server = http.server.ThreadingHTTPServer((f"{network}.{host}", 80), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Namespace:
    """10.213.N.2 answers, .3 drops everything, .4 says one letter each second, .5 answers until it is taken away."""

    network: str
    inside: tuple[str, ...]

    def drop(self, host: int) -> None:
        rule = f"add rule ip t c ip daddr {self.network}.{host} drop"
        subprocess.run([*self.inside, "nft", rule], check=True, capture_output=True)


@pytest.fixture
def namespace(tmp_path):
    number = os.getpid() % 200 + 1
    name, outer, inner = (f"{part}{os.getpid() % 99999}" for part in ("scangate", "sgo", "sgi"))
    inside = ("ip", "netns", "exec", name)
    made = Namespace(network=f"10.213.{number}", inside=inside)
    commands = [
        ["ip", "netns", "add", name],
        ["ip", "link", "add", outer, "type", "veth", "peer", "name", inner],
        ["ip", "link", "set", inner, "netns", name],
        ["ip", "addr", "add", f"10.214.{number}.1/30", "dev", outer],
        ["ip", "link", "set", outer, "up"],
        [*inside, "ip", "addr", "add", f"10.214.{number}.2/30", "dev", inner],
        [*inside, "ip", "link", "set", inner, "up"],
        [*inside, "ip", "link", "set", "lo", "up"],
        *([*inside, "ip", "addr", "add", f"{made.network}.{host}/32", "dev", "lo"] for host in (2, 3, 4, 5)),
        [*inside, "nft", "add table ip t; add chain ip t c { type filter hook input priority 0; }"],
        ["ip", "route", "add", f"{made.network}.0/24", "via", f"10.214.{number}.2"],
    ]
    try:
        for command in commands:
            done = subprocess.run(command, capture_output=True, check=False)
            if done.returncode != 0:
                pytest.skip(f"this machine makes no network namespaces: {done.stderr.decode().strip()}")
        made.drop(3)
        argv = [*inside, sys.executable, "-c", SERVERS, made.network]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as servers:
            assert servers.stdout is not None
            assert servers.stdout.readline() == b"ready\n"
            try:
                yield made
            finally:
                servers.kill()
    finally:
        subprocess.run(["ip", "link", "del", outer], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


@pytest.fixture
def before_the_closer_look(monkeypatch):
    """Have something happen once, between the search for open ports and the closer look at them."""

    def arrange(happens):
        real, once, lock = process.run, [happens], threading.Lock()

        def run(argv, **more):
            if "-sV" in argv:
                with lock, suppress(IndexError):
                    once.pop()()
            return real(argv, **more)

        monkeypatch.setattr(process, "run", run)

    return arrange


def test_each_host_has_the_gap_of_its_fate_and_none_is_a_pass(namespace, scan, before_the_closer_look):
    before_the_closer_look(lambda: namespace.drop(5))
    hosts = {host: f"{namespace.network}.{host}" for host in (2, 3, 4, 5)}
    outcome = scan(hosts.values(), ports="22,80,443", scripts=False, host_timeout=15, seconds=200)
    assert outcome.error is None
    assert outcome.asked == 4
    assert set(outcome.gaps) == {hosts[3], hosts[4], hosts[5]}, outcome.gaps
    assert outcome.gaps[hosts[3]] == "did not answer: nothing came back from any port that was asked"
    known = "80/tcp open, and what listens there is not known: "
    assert outcome.gaps[hosts[4]] == f"{known}it did not finish within the time allowed for one host"
    assert outcome.gaps[hosts[5]] == f"{known}no longer answered when asked what listens"
    seen = {each.host: each for each in outcome.services}
    assert set(seen) == {hosts[2], hosts[4], hosts[5]}
    assert seen[hosts[2]].method == "probed"
    assert seen[hosts[4]].method == seen[hosts[5]].method == "table"


def test_a_host_that_drops_everything_is_a_gap_by_itself_and_silent_in_a_network(namespace, scan):
    namespace.drop(4)
    namespace.drop(5)
    network = scan([f"{namespace.network}.0/28"], ports="22")
    assert network.is_evidence
    assert network.asked == 1
    assert network.notes[-1] == f"15 of 16 addresses of {namespace.network}.0/28 did not answer"
    excluded = scan([f"{namespace.network}.0/28"], ports="22", exclude=[f"{namespace.network}.2"])
    assert excluded.gaps == {f"{namespace.network}.0/28": "none of its 15 addresses answered"}


def test_a_host_that_goes_away_while_ports_are_looked_for_is_a_gap(namespace, scan):
    """Half of the ports were asked when it fell silent: nmap has no word for that, the time for one host does."""
    gone = threading.Timer(1.0, namespace.drop, (2,))
    gone.start()
    started = time.monotonic()
    outcome = scan([f"{namespace.network}.2"], ports="1-65535", scripts=False, host_timeout=8, seconds=60)
    gone.join()
    if time.monotonic() - started < 2:
        pytest.skip("this machine looked at 65,535 ports before the host was gone")
    assert not outcome.is_evidence
