"""Real nmap against real services on loopback, and hosts made of network namespaces."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import nmap_services
import nmap_xml
import pytest

from scangate import process
from scangate.core.model import Finding, Service
from scangate.errors import CancelledError, DeadlineError
from scangate.scanners import Context
from scangate.scanners.nmap import Nmap
from scangate.scanners.nmap.privileges import raw_sockets
from scangate.scanners.nmap.profiles import PROFILES
from scangate.scanners.nmap.rules import NOISY
from scangate.scanners.nmap.runs import most_common

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not shutil.which("nmap"), reason="nmap is not installed: apt-get install nmap"),
]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make network namespaces and drop capabilities")


def _is_here(monkeypatch, name):
    """Let one name mean 127.0.0.1, and leave the resolver out of it."""
    ask = socket.getaddrinfo

    def found(host, *args, **kwargs):
        return ask("127.0.0.1" if host == name else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_the_installed_nmap_is_found(tmp_path):
    found = Nmap().find(Nmap().needs()[0], tmp_path)
    assert found is not None
    assert re.match(r"\d+\.\d+", found.version)


@pytest.mark.skipif(not nmap_services.redis_program(), reason="redis is not installed: apt-get install redis-tools")
@pytest.mark.timeout(600)
def test_what_is_wrong_with_real_services_is_found(tmp_path, monkeypatch, scan):
    _is_here(monkeypatch, "edge.example.com")
    port = {name: nmap_services.free_port() for name in ("redis", "ftp", "form", "basic", "tls", "closed")}
    with ExitStack() as services:
        services.enter_context(nmap_services.redis(tmp_path, port["redis"]))
        services.enter_context(nmap_services.anonymous_ftp(tmp_path, port["ftp"]))
        hosts = services.enter_context(nmap_services.web(port["form"]))
        services.enter_context(nmap_services.web(port["basic"], basic=True))
        names = services.enter_context(nmap_services.tls(tmp_path, port["tls"]))
        outcome = scan(
            ["edge.example.com"],
            ports=",".join(map(str, port.values())),
            expect=[f"{port['form']}/tcp", f"{port['closed']}/tcp"],
            seconds=500,
        )
    assert outcome.error is None
    assert outcome.gaps == {}
    assert outcome.asked == 1
    where = {f"edge.example.com:{number}/tcp": name for name, number in port.items()}
    found = {(where.get(subject, subject), rule) for subject, rule in outcome.rules}
    unexpected = {(name, "net-unexpected-port") for name in ("redis", "ftp", "basic", "tls")}
    assert found - {("tls", "tls-cipher-weak")} == unexpected | {
        ("redis", "net-no-auth-redis"),
        ("ftp", "net-anonymous-ftp"),
        ("ftp", "net-cleartext-ftp"),
        ("form", "net-cleartext-http-login"),
        ("basic", "net-cleartext-http-login"),
        ("tls", "tls-certificate-expired"),
        ("tls", "tls-certificate-weak-key"),
        ("tls", "tls-certificate-self-signed"),
        ("tls", "tls-certificate-name-mismatch"),
        ("tls", "tls-protocol-obsolete"),
        (f"edge:{port['closed']}/tcp", "net-expected-port-closed"),
    }
    seen = {where[f"edge.example.com:{service.port}/tcp"]: service for service in outcome.services}
    assert set(seen) == {"redis", "ftp", "form", "basic", "tls"}
    assert seen["redis"].name == "redis"
    assert seen["redis"].cpes
    assert seen["tls"].tunnel == "ssl"
    assert seen["ftp"].method == "probed"
    # The address was pinned, and the name still reached TLS and HTTP.
    assert "edge.example.com" in names
    assert "edge.example.com" in {host.partition(":")[0] for host in hosts}


@pytest.mark.skipif(not nmap_services.has_ipv6(), reason="this machine has no IPv6 on loopback")
def test_ipv6_is_scanned_beside_ipv4(scan):
    port = nmap_services.free_port("::1")
    with nmap_services.web(port, host="::1"):
        outcome = scan(["[::1]", "127.0.0.3"], ports=str(port), scripts=False, version_intensity=2)
    assert outcome.is_evidence
    assert outcome.asked == 2
    assert [(service.host, service.port, service.name) for service in outcome.services] == [("::1", port, "http")]
    assert outcome.rules == {(f"[::1]:{port}/tcp", "net-unexpected-port")}


def test_a_host_with_every_port_closed_was_looked_at(scan):
    outcome = scan(["127.0.0.77"], ports=str(nmap_services.free_port()))
    assert outcome.is_evidence
    assert outcome.services == []


def test_a_silent_port_is_open_and_is_no_gap(scan):
    port = nmap_services.free_port()
    with nmap_services.silent(port):
        outcome = scan(["127.0.0.1"], ports=str(port), version_intensity=0)
    assert outcome.is_evidence
    assert outcome.rules == {(f"127.0.0.1:{port}/tcp", "net-unexpected-port")}
    assert outcome.services[0].method != "probed"


def test_a_host_that_takes_too_long_is_a_gap(scan):
    port = nmap_services.free_port()
    with nmap_services.silent(port):
        outcome = scan(["127.0.0.1"], ports=str(port), version_intensity=9, seconds=8)
    # On a busy machine the whole run may be cut off first: a gap either way.
    assert outcome.error is None or isinstance(outcome.error, DeadlineError)
    assert re.search("did not finish (within|in) the time allowed", outcome.gaps["127.0.0.1"])


@as_root
def test_udp_is_scanned_with_raw_sockets(scan):
    if not raw_sockets():
        pytest.skip("this root has no CAP_NET_RAW")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute,
    ):
        closed.bind(("127.0.0.1", 0))
        mute.bind(("127.0.0.1", 0))
        free, silent = closed.getsockname()[1], mute.getsockname()[1]
        closed.close()
        outcome = scan(["127.0.0.1"], ports=f"U:{free},{silent}", version_intensity=0)
    assert outcome.is_evidence
    assert outcome.services == []


DRIVER = """
import json, sys, time
from pathlib import Path
from scangate.core.model import Kind, Target
from scangate.scanners import Context
from scangate.scanners.nmap import Nmap
target = Target(id="edge", kind=Kind.HOSTS, addresses=("127.0.0.1",), ports=sys.argv[1])
ctx = Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 200, options={"version_intensity": 2})
print(json.dumps([f"{type(item).__name__}: {item}" for item in Nmap().scan(target, ctx)]))
"""


@as_root
@pytest.mark.parametrize(
    "dropped",
    [
        # What a container's root is without CAP_NET_RAW.
        ("--bounding-set=-net_raw", "--inh-caps=-net_raw"),
        # Another user, who may only read the files of this checkout.
        (
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=+dac_read_search",
            "--ambient-caps=+dac_read_search",
        ),
    ],
    ids=["root without CAP_NET_RAW", "nobody"],
)
def test_without_privileges_tcp_is_scanned_by_connecting(dropped):
    if not (setpriv := shutil.which("setpriv")):
        pytest.skip("setpriv is not installed")
    port = nmap_services.free_port()
    with nmap_services.web(port):
        done = subprocess.run(
            [setpriv, *dropped, "--", sys.executable, "-c", DRIVER, str(port)],
            capture_output=True,
            check=False,
            cwd="/",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": "/tmp"},
        )
    assert done.returncode == 0, done.stderr.decode()
    items = json.loads(done.stdout)
    assert any(item.startswith("Note: ") and "no raw sockets" in item for item in items)
    assert any(item.startswith("Service: ") and f"port={port}" in item for item in items)
    assert not any(item.startswith("Gap: ") for item in items)


def test_an_interrupt_in_the_middle_keeps_the_hosts_that_were_finished(tmp_path, monkeypatch, scan):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stopped = threading.Event()

    def stop_after_the_first_hosts() -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and not stopped.is_set():
            for file in tmp_path.glob("scangate-nmap-*/*/*/report.xml"):
                if b"</host>" in file.read_bytes():
                    stopped.set()
                    process.stop()
            time.sleep(0.02)

    watcher = threading.Thread(target=stop_after_the_first_hosts)
    watcher.start()
    try:
        outcome = scan(["127.9.0.0/21"], ports="1-300", scripts=False, cancelled=process.stopping)
    finally:
        stopped.set()
        watcher.join()
        process.allow()
    assert isinstance(outcome.error, CancelledError)
    assert list(outcome.gaps) == ["127.9.0.0/21"]
    assert outcome.asked is not None
    assert 1 < outcome.asked < 2048


EXCEPTIONS = {"ssl-enum-ciphers": "intrusive for the number of its connections; it sends nothing but TLS greetings"}
FORBIDDEN = {"external", "dos", "brute", "exploit", "fuzzer", "malware", "intrusive", "broadcast"}


def categories() -> dict[str, set[str]]:
    database = Path("/usr/share/nmap/scripts/script.db")
    if not database.exists():
        pytest.skip(f"nmap's index of scripts is not at {database}")
    entries = re.findall(r'filename = "(.+?)\.nse", categories = \{(.+?)\}', database.read_text())
    return {name: set(re.findall(r'"(\w+)"', kinds)) for name, kinds in entries}


def test_every_script_of_every_profile_is_there_and_safe():
    known = categories()
    for name in {script for profile in PROFILES.values() for script in profile.scripts}:
        assert "safe" in known[name] or name in EXCEPTIONS, name
        assert not known[name] & FORBIDDEN or name in EXCEPTIONS, name
    assert set(EXCEPTIONS) == {NOISY}


def test_the_scripts_that_version_detection_brings_are_none_of_the_dangerous_ones():
    brought = {name: kinds for name, kinds in categories().items() if "version" in kinds}
    assert len(brought) > 10
    assert {name for name, kinds in brought.items() if kinds & FORBIDDEN} == set()


def test_a_category_is_no_script(scan):
    port = nmap_services.free_port()
    with nmap_services.silent(port):
        outcome = scan(["127.0.0.1"], ports=str(port), version_intensity=0, scripts=False, scripts_more=["dos"])
    assert outcome.error is not None
    assert "'dos.nse' did not match" in outcome.error.message


def test_a_script_that_the_config_names_is_run(scan):
    port = nmap_services.free_port()
    with nmap_services.web(port):
        outcome = scan(["127.0.0.1"], ports=str(port), scripts=False, scripts_more=["http-title"])
    assert outcome.is_evidence
    assert ("script http-title", "Sign in") in [fact for each in outcome.findings for fact in each.evidence[0].facts]


@as_root
def test_the_profile_udp_asks_both_protocols(scan):
    if not raw_sockets():
        pytest.skip("this root has no CAP_NET_RAW")
    ports = most_common(shutil.which("nmap"), 1000, Context(root=Path(), home=Path(), deadline=time.monotonic() + 60))
    assert sum(each.last - each.first + 1 for each in ports) == 1000
    outcome = scan(["127.0.0.78"], profile="udp", top_ports=10, version_intensity=0)
    assert outcome.is_evidence
    assert "33 of 33 ports that were asked on 1 hosts answered" in outcome.notes


@pytest.mark.timeout(300)
def test_two_phases_find_what_one_run_of_nmap_finds(tmp_path, scan):
    """The very same hosts, ports, probes and scripts in one run, read by the same reader."""
    addresses = [f"127.0.83.{number}" for number in (1, 2, 3)]
    with ExitStack() as services:
        port = [nmap_services.free_port(addresses[0]) for _ in range(3)]
        services.enter_context(nmap_services.web(port[0], host=addresses[0]))
        services.enter_context(nmap_services.web(port[1], host=addresses[0], basic=True))
        services.enter_context(nmap_services.web(port[0], host=addresses[1]))
        services.enter_context(nmap_services.tls(tmp_path, port[2], host=addresses[2]))
        listed = ",".join(map(str, port))
        ours = scan(addresses, ports=listed)
        argv = ["nmap", "-n", "-Pn", "-sV", "-T4", "-p", listed, "-oX", f"{tmp_path}/one.xml", *addresses]
        scripts = ",".join(PROFILES["standard"].scripts)
        arguments = "http-auth-finder.maxdepth=0,http-auth-finder.maxpagecount=1"
        subprocess.run([*argv, "--script", scripts, "--script-args", arguments], check=True, capture_output=True)
    together = nmap_xml.items((tmp_path / "one.xml").read_bytes())
    assert ours.is_evidence
    assert len(ours.services) == 4
    assert set(ours.services) == {each for each in together if isinstance(each, Service)}
    assert {each.rule for each in ours.findings} > {"net-cleartext-http-login", "tls-protocol-obsolete"}
    assert {_said(each) for each in ours.findings} == {_said(each) for each in together if isinstance(each, Finding)}


def _said(finding):
    return finding.rule, finding.subject, finding.severity, finding.confidence, finding.message
