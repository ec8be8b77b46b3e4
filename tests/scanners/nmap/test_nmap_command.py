"""The command line: pinned, complete, and out of the user's hands."""

import ipaddress
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from scangate.core.model import Kind, Target
from scangate.errors import ScanError
from scangate.scanners.network.plan import Batch
from scangate.scanners.nmap import Nmap
from scangate.scanners.nmap.command import detection, discovery, prepare
from scangate.scanners.nmap.groups import Group, Host
from scangate.scanners.nmap.privileges import raw_sockets
from scangate.scanners.nmap.profiles import PROFILES
from scangate.scanners.nmap.seen import Port
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
    return discovery("nmap", one_batch or batch("127.0.0.1"), one_settings or settings(), FOLDER, 100.0)


def closer(one_settings=None, *, name="", host="192.0.2.1", ports=(("tcp", 22), ("tcp", 80))):
    found = tuple(Port(protocol=protocol, number=number, state="open") for protocol, number in ports)
    group = Group(batch=batch(host, name=name), hosts=(Host(address=host, ports=found),))
    return detection("nmap", group, one_settings or settings(), FOLDER, 100.0)


def test_every_host_goes_through_a_file_and_none_through_the_command_line(tmp_path):
    given = batch("192.0.2.1", "192.0.2.2", exclude=("192.0.2.8/30",))
    prepare(given.addresses, given.exclude, tmp_path)
    words = argv(given)
    assert not [word for word in words if word.startswith("192.")]
    assert words[words.index("-iL") + 1] == "/scan/hosts.txt"
    assert words[words.index("--excludefile") + 1] == "/scan/excluded.txt"
    assert (tmp_path / "hosts.txt").read_text() == "192.0.2.1\n192.0.2.2\n"
    assert (tmp_path / "excluded.txt").read_text() == "192.0.2.8/30\n"


def test_the_report_is_a_file_and_answers_do_not_depend_on_dns():
    words = argv()
    assert words[words.index("-oX") + 1] == "/scan/report.xml"
    assert {"-n", "--no-stylesheet"} <= set(words)
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


def test_discovery_looks_for_ports_only():
    assert not {"-sV", "--script", "--version-intensity"} & set(argv())


def test_what_listens_is_asked_on_the_open_ports_only_and_without_a_ping():
    words = closer(ports=(("tcp", 80), ("tcp", 22), ("udp", 53)))
    assert words[words.index("-p") + 1] == "T:22,80,U:53"
    assert {"-sV", "-Pn", "-sS", "-sU", "-n"} <= set(words)
    assert not {"--top-ports", "-PE"} & set(words)
    assert "-sU" not in closer()
    assert not [word for word in words if "192.0.2" in word]
    assert "-6" in closer(host="2001:db8::1")


def test_a_host_has_the_time_of_the_profile_and_never_all_that_is_left():
    def milliseconds(words):
        return words[words.index("--host-timeout") + 1]

    assert milliseconds(closer()) == "80000ms"
    assert milliseconds(closer(settings(host_timeout=20))) == "20000ms"
    assert milliseconds(argv(one_settings=settings(host_timeout=20))) == "20000ms"


def test_a_rate_is_kept_by_discovery_and_few_connections_by_the_closer_look():
    slow = replace(settings(), rate=100.0)
    assert argv(one_settings=slow)[argv(one_settings=slow).index("--max-rate") + 1] == "100"
    words = closer(slow)
    assert words[words.index("--max-parallelism") + 1] == "5"
    assert "--max-rate" not in argv()
    assert "--max-parallelism" not in closer()
    assert closer()[closer().index("--min-parallelism") + 1] == "2"
    assert "--min-parallelism" not in words
    assert any("100 packets per second" in note.text for note in limits(slow))


def test_a_name_is_told_to_tls_and_http():
    words = closer(name="edge.example.com")
    arguments = words[words.index("--script-args") + 1].split(",")
    assert {"tls.servername=edge.example.com", "http.host=edge.example.com"} <= set(arguments)
    assert "tls.servername" not in " ".join(closer())


def scripts(one_settings):
    words = closer(one_settings)
    return set(words[words.index("--script") + 1].split(",")) if "--script" in words else set()


def test_scripts_can_be_turned_off_and_so_can_the_noisy_one():
    assert scripts(settings()) == set(PROFILES["standard"].scripts)
    assert scripts(settings(scripts=False)) == set()
    assert scripts(settings()) - scripts(settings(tls_ciphers=False)) == {"ssl-enum-ciphers"}
    assert "ssl-enum-ciphers" in scripts(settings(profile="quick", tls_ciphers=True))
    assert "turned off" in next(limits(settings(scripts=False))).text
    assert "tls_ciphers" in next(limits(settings(tls_ciphers=False))).text
    chosen = closer(settings(version_intensity=0))
    assert chosen[chosen.index("--version-intensity") + 1] == "0"


def test_scripts_that_the_config_names_are_files_so_that_none_is_a_category():
    given = settings(scripts_more=["dos", "http-title"])
    assert scripts(given) - scripts(settings()) == {"dos.nse", "http-title.nse"}
    assert "the config had nmap run more scripts: dos, http-title" in [note.text for note in limits(given)]
    assert scripts(settings(scripts=False, scripts_more=["http-title"])) == {"http-title.nse"}


@pytest.mark.parametrize(
    "name", ["/etc/x", "../x", "+dos", "a*", "a or b", "-x", "a,b", "x.nse", "", "A", "all or dos"]
)
def test_what_is_no_name_of_a_script_is_no_option(name):
    validator = Draft7Validator(Nmap.options)
    assert list(validator.iter_errors({"scripts_more": [name]}))
    assert not list(validator.iter_errors({"scripts_more": ["http-title", "ssl-poodle"]}))


class TestProfiles:
    def test_quick_is_fewer_ports_and_fewer_probes(self):
        words = argv(one_settings=settings(profile="quick"))
        assert words[words.index("--top-ports") + 1] == "100"
        assert scripts(settings(profile="quick")) < scripts(settings())

    def test_deep_is_every_port(self):
        words = argv(one_settings=settings(profile="deep"))
        assert words[words.index("-p") + 1] == "T:1-65535"
        assert {"ssl-heartbleed", "ssl-poodle"} <= scripts(settings(profile="deep"))

    def test_udp_is_asked_beside_tcp(self):
        words = argv(one_settings=settings("80,443", profile="udp"))
        assert words[words.index("-p") + 1].startswith("T:80,443,U:53,67,69,111,123,")
        assert {"-sS", "-sU"} <= set(words)
        assert {"snmp-info", "ntp-info", "dns-nsid"} <= scripts(settings(profile="udp"))

    def test_what_the_target_names_outranks_the_profile(self):
        words = argv(one_settings=settings("U:53", profile="udp"))
        assert words[words.index("-p") + 1] == "U:53"
        deep = argv(one_settings=settings("443", profile="deep"))
        assert deep[deep.index("-p") + 1] == "T:443"
        fewer = argv(one_settings=settings(profile="deep", top_ports=50))
        assert fewer[fewer.index("--top-ports") + 1] == "50"

    def test_every_profile_can_be_chosen(self):
        assert sorted(Nmap.options["properties"]["profile"]["enum"]) == sorted(PROFILES)


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
