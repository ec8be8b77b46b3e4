"""The law of the scope: no config makes a command line or a socket hold an address outside it.

Targets, lines, answers of the resolver and the report of nmap are drawn at random, and each of them lies: a name is
answered differently every time, and nmap tells of hosts that nobody asked for. The judge below is written anew, so that
it does not repeat a mistake of the scope's own code.
"""

import contextlib
import ipaddress
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scangate import process
from scangate.core.model import Kind, Service, Target
from scangate.core.scope import Scope
from scangate.errors import ScanError
from scangate.scanners import Context, network
from scangate.scanners.network.connection import connect, datagram
from scangate.scanners.network.endpoints import Endpoint, endpoints, left_out
from scangate.scanners.nmap import Nmap

ADDRESSES = (
    "127.0.0.1", "127.0.0.9", "10.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.7.7", "169.254.169.254", "8.8.8.8",
    "8.8.8.9", "100.100.100.200", "168.63.129.16", "203.0.113.5", "::1", "fd00::1", "fd00:ec2::254", "fe80::1",
    "2001:db8::1", "2606:4700::1", "::ffff:8.8.8.8", "::ffff:10.0.0.7", "64:ff9b::a00:7", "64:ff9b::808:808",
    "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "2002:a00:7::1", "::ffff:169.254.169.254",
)  # fmt: skip
NETWORKS = (
    "10.0.0.0/29", "8.8.8.0/28", "169.254.169.248/29", "127.0.0.0/29", "192.168.1.0/30", "fd00::/125",
    "9.255.255.252/30", "10.0.0.4/30", "fd00:ec2::250/124", "64:ff9b::a00:0/125",
)  # fmt: skip
WIDE = (
    "10.0.0.0/8",
    "8.8.8.0/24",
    "169.254.0.0/16",
    "fd00::/16",
    "64:ff9b::/96",
    "127.0.0.0/8",
    "2000::/16",
    "fe80::/10",
)
NAMES = ("edge.example.com", "db.example.com", "cdn.example.net")
METADATA = {"169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"}
OWN = tuple(
    map(ipaddress.ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
                               "::1/128", "fc00::/7", "fe80::/10"))
)  # fmt: skip

HOSTS = st.sampled_from((*ADDRESSES, *NETWORKS, *NAMES))
LINES = st.sampled_from((*ADDRESSES, *NETWORKS, *WIDE, *NAMES))


def line(text):
    return text if text in NAMES else ipaddress.ip_network(text)


def embedded(address):
    """What an address leads to: itself, and the IPv4 address inside of it."""
    found = {address}
    if address.version == 6:
        last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.ipv4_mapped or address in ipaddress.ip_network("64:ff9b::/96"):
            found.add(last)
        if address.sixtofour:
            found.add(address.sixtofour)
    return found


class World:
    """A resolver that answers a name differently every time, an nmap that lies, and sockets that only remember."""

    def __init__(self, answers) -> None:
        self.answers = answers
        self.turn = 0
        self.first = {}
        self.sent: list[str] = []

    def getaddrinfo(self, name, *_args, **_kwargs):
        self.turn += 1
        answer = self.answers[(self.turn + NAMES.index(name)) % len(self.answers)]
        self.first.setdefault(name, answer)
        return [(0, 0, 0, "", (each, 0)) for each in answer]

    def run(self, argv, **_options):
        """Stand in for nmap: remember what it was sent to, and tell of that and more."""
        files = {option: Path(argv[argv.index(option) + 1]) for option in ("-iL", "--excludefile") if option in argv}
        listed = files["-iL"].read_text().split()
        barred = files["--excludefile"].read_text().split() if "--excludefile" in files else []
        outside = [ipaddress.ip_network(each) for each in barred]
        for text in listed:
            for address in ipaddress.ip_network(text):
                if not any(address.version == net.version and address in net for net in outside):
                    self.sent.append(str(address))
        told = [argument for argument in argv if str(argument) not in map(str, files.values())]
        self.sent += re.findall(r"(?<![\w.])(?:\d+\.){3}\d+(?![\w.])", " ".join(map(str, told)))
        hosts = "".join(
            _host(each) for each in (*(text for text in listed if "/" not in text), "8.8.4.4", "169.254.169.254")
        )
        report = Path(argv[argv.index("-oX") + 1])
        report.write_text(f'<nmaprun scanner="nmap" version="7.94" start="1">{hosts}<runstats><finished time="2" '
                          f'exit="success"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>')  # fmt: skip
        return process.Completed(argv=tuple(argv), returncode=0, stdout=b"", stderr=b"", truncated=False, seconds=0.0)

    def socket(self, *_args, **_kwargs):
        return _Socket(self.sent)


class _Socket:
    def __init__(self, sent) -> None:
        self._sent = sent

    def connect_ex(self, peer):
        self._sent.append(peer[0])
        raise ConnectionAbortedError

    def __getattr__(self, _name):
        return lambda *_args, **_kwargs: None


def _host(address):
    kind = "ipv6" if ":" in address else "ipv4"
    return (f'<host starttime="1" endtime="2"><status state="up" reason="user-set"/><address addr="{address}" '
            f'addrtype="{kind}"/><ports><port protocol="tcp" portid="443"><state state="open" reason="syn-ack"/>'
            f"</port></ports></host>")  # fmt: skip


@pytest.fixture
def _quiet(monkeypatch):
    monkeypatch.setattr(process, "which", lambda _name: "/usr/bin/nmap")


@st.composite
def worlds(draw):
    answers = draw(st.lists(st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3), min_size=1, max_size=4))
    target = Target(
        id="edge",
        kind=Kind.HOSTS,
        addresses=tuple(draw(st.lists(HOSTS, min_size=1, max_size=5))),
        exclude=tuple(draw(st.lists(HOSTS, max_size=2))),
        ports=draw(st.sampled_from(("443", "80,U:53"))),
    )
    allow, deny = (tuple(map(line, draw(st.lists(LINES, max_size=size)))) for size in (4, 3))
    services = tuple(
        Service(host=draw(st.sampled_from((*ADDRESSES, *NAMES))), address=draw(st.sampled_from(("", *ADDRESSES))),
                port=443, protocol="tcp", state="open", hostname=draw(st.sampled_from(("", *NAMES))))
        for _each in range(draw(st.integers(0, 3)))
    )  # fmt: skip
    return World(answers), target, Scope(allow=allow, deny=deny), services


def scan(target, ctx) -> Iterator[Service]:
    """What nmap is made to say; an error ends it."""
    with contextlib.suppress(ScanError):
        yield from (item for item in Nmap().scan(target, ctx) if isinstance(item, Service))


@pytest.mark.usefixtures("_quiet")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds())
def test_nothing_is_ever_sent_outside_the_scope(drawn):
    world, target, scope, services = drawn
    network.begin()
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(socket, "getaddrinfo", world.getaddrinfo)
        patch.setattr(process, "run", world.run)

        def context(seen=()):
            root = Path(folder)
            return Context(root=root, home=root, deadline=time.monotonic() + 60, scope=scope, services=seen)

        seen = (*scan(target, context()), *services)
        found: list[Endpoint] = [
            Endpoint(host=each.hostname or each.host, address=each.address or each.host, port=443, target="edge")
            for each in seen
        ]
        for services_seen in (seen, ()):
            with contextlib.suppress(ScanError):
                found += endpoints(target, context(services_seen))
                left_out(target, context(services_seen))
        patch.setattr(socket, "socket", world.socket)
        for endpoint in found:
            for way in (connect, datagram):
                with contextlib.suppress(ScanError, ConnectionAbortedError):
                    way(endpoint, context())
    judge(world, scope)


def judge(world: World, scope: Scope) -> None:
    for text in world.sent:
        address = ipaddress.ip_address(text)
        for each in embedded(address):
            for denied in scope.deny:
                assert not covers(denied, each, world), f"{text} is denied by {denied}"
        inner = embedded(address) - {address} or {address}
        for each in inner:
            own = any(each.version == net.version and each in net for net in OWN) and str(each) not in METADATA
            lines = [allowed for allowed in scope.allow if any(covers(allowed, one, world) for one in (each, address))]
            if str(each) in METADATA:
                lines = [net for net in lines if not isinstance(net, str) and net.num_addresses == 1]
            assert own or lines, f"{text} is {each}, which nothing allows"


def covers(one, address, world) -> bool:
    if isinstance(one, str):
        answers = {ipaddress.ip_address(each) for each in world.first.get(one, ())}
        answers |= {each.ipv4_mapped for each in answers if each.version == 6 and each.ipv4_mapped}
        return address in answers
    return one.version == address.version and address in one


@pytest.mark.usefixtures("_quiet")
def test_the_law_sees_what_is_sent():
    """Without packets at all the law would hold as well."""
    world = World([["127.0.0.9"]])
    target = Target(id="edge", kind=Kind.HOSTS, addresses=("127.0.0.1", "10.0.0.0/30", "edge.example.com"), ports="443")
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(socket, "getaddrinfo", world.getaddrinfo)
        patch.setattr(process, "run", world.run)
        ctx = Context(root=Path(folder), home=Path(folder), deadline=time.monotonic() + 60)
        list(scan(target, ctx))
        assert set(world.sent) == {"127.0.0.1", "127.0.0.9", *(f"10.0.0.{number}" for number in range(4))}
        world.sent.clear()
        patch.setattr(socket, "socket", world.socket)
        for endpoint in endpoints(target, ctx):
            with contextlib.suppress(ConnectionAbortedError):
                connect(endpoint, ctx)
        assert set(world.sent) == {"127.0.0.1", "127.0.0.9", *(f"10.0.0.{number}" for number in range(4))}
