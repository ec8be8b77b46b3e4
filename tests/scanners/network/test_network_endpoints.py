"""What is probed: what nmap saw open, as far as it is the target's, or the ports that the target names."""

import socket

import pytest

from scangate.core.model import Gap, Kind, Note, Service, Target
from scangate.core.scope import Scope
from scangate.errors import ScanError
from scangate.scanners.network.endpoints import endpoints, left_out


def target(*addresses, ports="", exclude=()):
    return Target(id="edge", kind=Kind.HOSTS, addresses=addresses, ports=ports, exclude=exclude)


def service(address="127.0.0.1", port=443, *, host="", state="open", hostname="", **more):
    return Service(
        host=host or address, address=address, port=port, protocol="tcp", state=state, hostname=hostname, **more
    )


@pytest.fixture(autouse=True)
def _book(monkeypatch):
    book = {"edge.example.com": ("127.0.0.1", "127.0.0.2")}

    def found(name, *_args, **_kwargs):
        if name not in book:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, 0, 0, "", (address, 0)) for address in book[name]]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def places(found):
    return [(each.where, each.address) for each in found]


def test_what_nmap_saw_open_is_probed(context):
    services = (
        service(name="https", product="nginx", version="1.24", tunnel="ssl"),
        service(port=80),
        service(port=23, state="open|filtered"),
    )
    found = endpoints(target("127.0.0.1"), context(services=services))
    assert places(found) == [("127.0.0.1:80/tcp", "127.0.0.1"), ("127.0.0.1:443/tcp", "127.0.0.1")]
    assert (found[1].product, found[1].tunnel, found[1].target, found[1].named) == ("nginx", "ssl", "edge", False)
    assert not found[1].assumed


@pytest.mark.parametrize(
    "seen",
    [
        service(host="edge.example.com"),
        service(hostname="edge.example.com"),
        Service(host="127.0.0.1", port=443, protocol="tcp", state="open", hostname="edge.example.com"),
    ],
)
def test_the_users_word_for_the_host_stays_its_word(context, seen):
    found = endpoints(target("edge.example.com"), context(services=(seen,)))
    assert places(found) == [("edge.example.com:443/tcp", "127.0.0.1")]
    assert found[0].named


def test_a_name_that_the_host_gave_itself_is_no_word_of_the_user(context):
    found = endpoints(target("127.0.0.1"), context(services=(service(hostname="bank.example.com"),)))
    assert places(found) == [("127.0.0.1:443/tcp", "127.0.0.1")]


@pytest.mark.parametrize("address", ["8.8.8.8", "127.0.0.9", "127.0.0.3", "edge.example.com", "169.254.169.254", ""])
def test_a_service_elsewhere_is_a_gap_and_not_probed(context, address):
    aim = target("127.0.0.1", "127.0.0.3", exclude=("127.0.0.3",))
    ctx = context(services=(service(address, host=address or "nowhere"),))
    assert endpoints(aim, ctx) == ()
    assert [type(each) for each in left_out(aim, ctx)] == [Gap]


def test_without_nmap_the_ports_of_the_target_are_assumed(context):
    aim = target("edge.example.com", "127.0.0.8/31", ports="22,U:53", exclude=("127.0.0.9",))
    found = endpoints(aim, context())
    assert places(found) == [
        ("edge.example.com:22/tcp", "127.0.0.1"),
        ("edge.example.com:53/udp", "127.0.0.1"),
        ("edge.example.com:22/tcp", "127.0.0.2"),
        ("edge.example.com:53/udp", "127.0.0.2"),
        ("127.0.0.8:22/tcp", "127.0.0.8"),
        ("127.0.0.8:53/udp", "127.0.0.8"),
    ]
    assert all(each.assumed for each in found)


def test_without_nmap_and_ports_there_is_nothing_to_probe(context):
    assert endpoints(target("127.0.0.1"), context()) == ()


def test_what_could_not_be_reached_is_told_by_who_looks_first(context):
    aim = target("8.8.8.8", "nowhere.example.com", "127.0.0.1", ports="22")
    told = left_out(aim, context())
    assert {each.what for each in told if isinstance(each, Gap)} == {"8.8.8.8", "nowhere.example.com"}
    assert [each.text for each in told if isinstance(each, Note)] == ["within the scope: a loopback address: 127.0.0.1"]


def test_more_ports_than_can_be_tried_one_by_one_are_refused(context):
    with pytest.raises(ScanError, match="too many to try one by one"):
        endpoints(target("127.0.0.0/24", ports="1-1024"), context())


def test_ports_that_cannot_be_read_are_refused(context):
    with pytest.raises(ScanError, match="is not a list of ports"):
        endpoints(target("127.0.0.1", ports="x"), context())


def test_the_deny_of_the_scope_holds_for_services_too(context):
    import ipaddress

    ctx = context(Scope(deny=(ipaddress.ip_network("127.0.0.1/32"),)), services=(service(),))
    assert endpoints(target("127.0.0.0/24"), ctx) == ()
