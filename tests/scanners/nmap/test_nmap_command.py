"""The command line: pinned, complete, and out of the user's hands."""

import ipaddress
from pathlib import Path

import pytest

from scangate.core.model import Kind, Target
from scangate.errors import ScanError
from scangate.scanners.nmap.command import command, prepare
from scangate.scanners.nmap.plan import Batch
from scangate.scanners.nmap.privileges import raw_sockets
from scangate.scanners.nmap.rules import SCRIPTS
from scangate.scanners.nmap.settings import limits, read_settings, without_udp

FOLDER = Path("/scan")


def batch(*hosts, name="", exclude=()):
    networks = [ipaddress.ip_network(host) for host in hosts]
    single = all(net.num_addresses == 1 for net in networks)
    return Batch(
        version=networks[0].version,
        name=name,
        addresses=tuple(net.network_address for net in networks) if single else (),
        networks=() if single else tuple(networks),
        exclude=tuple(map(ipaddress.ip_network, exclude)),
    )


def settings(ports="", *, raw=True, **options):
    return read_settings(Target(id="x", kind=Kind.HOSTS, addresses=(), ports=ports), options, raw=raw)


def argv(one_batch=None, one_settings=None):
    return command("nmap", one_batch or batch("127.0.0.1"), one_settings or settings(), FOLDER, 100.0)


def test_every_host_goes_through_a_file_and_none_through_the_command_line(tmp_path):
    given = batch("192.0.2.1", "192.0.2.2", exclude=("192.0.2.8/30",))
    prepare(given, tmp_path)
    words = argv(given)
    assert not [word for word in words if word.startswith("192.")]
    assert words[words.index("-iL") + 1] == "/scan/hosts.txt"
    assert words[words.index("--excludefile") + 1] == "/scan/excluded.txt"
    assert (tmp_path / "hosts.txt").read_text() == "192.0.2.1\n192.0.2.2\n"
    assert (tmp_path / "excluded.txt").read_text() == "192.0.2.8/30\n"


def test_the_report_is_a_file_and_answers_do_not_depend_on_dns():
    words = argv()
    assert words[words.index("-oX") + 1] == "/scan/report.xml"
    assert {"-n", "--no-stylesheet", "-sV"} <= set(words)
    assert words[words.index("--host-timeout") + 1] == "80000ms"


def test_no_ports_are_the_most_common_ones():
    assert argv()[argv().index("--top-ports") + 1] == "1000"
    chosen = argv(one_settings=settings(top_ports=20))
    assert chosen[chosen.index("--top-ports") + 1] == "20"


@pytest.mark.parametrize(
    ("ports", "listed", "techniques"),
    [
        ("22,80,1000-1024", "T:22,80,1000-1024", {"-sS"}),
        ("U:53,161", "U:53,161", {"-sU"}),
        ("80,U:53", "T:80,U:53", {"-sS", "-sU"}),
    ],
)
def test_ports_choose_the_techniques(ports, listed, techniques):
    words = argv(one_settings=settings(ports))
    assert words[words.index("-p") + 1] == listed
    assert set(words) & {"-sS", "-sT", "-sU"} == techniques


def test_without_raw_sockets_tcp_is_connected_and_udp_is_an_error():
    given = settings("80,U:53", raw=False)
    words = argv(one_settings=given)
    assert set(words) & {"-sS", "-sT", "-sU", "--privileged", "--unprivileged"} == {"-sT", "--unprivileged"}
    assert words[words.index("-p") + 1] == "T:80"
    error = without_udp(given)
    assert isinstance(error, ScanError)
    assert "UDP ports 53 were not scanned" in error.message
    assert "no raw sockets" in next(limits(given)).text


def test_single_addresses_are_asked_without_a_ping_and_networks_are_pinged_on_the_asked_ports():
    assert "-Pn" in argv()
    words = argv(batch("192.0.2.0/24"), settings("8443"))
    assert "-Pn" not in words
    assert "-PE" in words
    assert "-PS22,80,443,445,3389,8443" in words
    assert "-PE" not in argv(batch("192.0.2.0/24"), settings("8443", raw=False))


def test_ipv6_is_said():
    assert "-6" in argv(batch("::1"))
    assert "-6" not in argv()


def test_a_name_is_told_to_tls_and_http():
    words = argv(batch("192.0.2.1", name="edge.example.com"))
    arguments = words[words.index("--script-args") + 1].split(",")
    assert {"tls.servername=edge.example.com", "http.host=edge.example.com"} <= set(arguments)
    assert "tls.servername" not in " ".join(argv())


def test_scripts_can_be_turned_off_and_so_can_the_noisy_one():
    words = argv()
    assert words[words.index("--script") + 1] == ",".join(SCRIPTS)
    assert "--script" not in argv(one_settings=settings(scripts=False))
    fewer = argv(one_settings=settings(tls_ciphers=False))
    assert "ssl-enum-ciphers" not in fewer[fewer.index("--script") + 1]
    assert "turned off" in next(limits(settings(scripts=False))).text
    assert "tls_ciphers" in next(limits(settings(tls_ciphers=False))).text
    chosen = argv(one_settings=settings(version_intensity=0))
    assert chosen[chosen.index("--version-intensity") + 1] == "0"


def test_ports_that_cannot_be_read_are_an_error_with_advice():
    with pytest.raises(ScanError, match="is not a list of ports") as caught:
        settings("-sC")
    assert "scangate.yml" in caught.value.advice


@pytest.mark.parametrize(
    ("mask", "allowed"), [("0000000000002000", True), ("000001ffffffdfff", False), ("rubbish", None)]
)
def test_raw_sockets_are_what_the_kernel_allows(tmp_path, monkeypatch, mask, allowed):
    status = tmp_path / "status"
    status.write_text(f"Name:\tpython\nCapEff:\t{mask}\nCapAmb:\t0000000000000000\n")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert raw_sockets(status) is (allowed if allowed is not None else True)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert raw_sockets(status) is False
    assert raw_sockets(tmp_path / "nowhere") is False
