"""The way to a target: inside the scope, to the pinned address, in bounded time."""

import ipaddress
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scangate.core.scope import Scope, Window
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners.network.connection import BrokenError, RefusedError, UnreachableError, connect, datagram, receive
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.guard import OutsideScopeError

HOST = "127.77.31.1"


def endpoint(port=9, address=HOST, host="", protocol="tcp"):
    return Endpoint(host=host or address, address=address, port=port, protocol=protocol, target="edge")


@pytest.fixture
def no_packets(monkeypatch):
    """Fail the test when a socket is made at all."""

    def made(*_args, **_kwargs):
        raise AssertionError("a socket was made")

    monkeypatch.setattr(socket, "socket", made)


@pytest.mark.parametrize("host", [HOST, "::1"])
def test_a_listener_is_reached(context, listen, host):
    port = listen(lambda connection: connection.sendall(b"220 ready\r\n"), host)
    with connect(endpoint(port, host), context()) as made:
        assert made.getpeername()[:2] == (host, port)
        assert receive(made, context()) == b"220 ready\r\n"


def test_a_name_is_never_asked_for_again(context, listen, monkeypatch):
    port = listen()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: pytest.fail("a name was resolved"))
    with connect(endpoint(port, host="edge.example.com"), context()) as made:
        assert made.getpeername() == (HOST, port)


@pytest.mark.parametrize("address", ["8.8.8.8", "169.254.169.254", "::ffff:8.8.8.8", "64:ff9b::a9fe:a9fe", "224.0.0.1"])
@pytest.mark.usefixtures("no_packets")
def test_nothing_is_sent_outside_the_scope(context, address):
    for way in (connect, datagram):
        with pytest.raises(OutsideScopeError, match="outside the scope") as caught:
            way(endpoint(address=address), context())
        assert "allow" in caught.value.advice


@pytest.mark.usefixtures("no_packets")
def test_a_denied_name_is_not_connected_to(context, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: [(0, 0, 0, "", ("127.0.0.99", 0))])
    scope = Scope(deny=("db.example.com",))
    for each in (endpoint(host="db.example.com"), endpoint(address="127.0.0.99")):
        with pytest.raises(OutsideScopeError, match=r"denied by the scope's line db\.example\.com"):
            connect(each, context(scope))


@pytest.mark.usefixtures("no_packets")
def test_a_denied_name_that_does_not_resolve_stops_everything(context, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ScanError, match="cannot be kept out of the scan"):
        connect(endpoint(), context(Scope(deny=("db.example.com",))))


@pytest.mark.usefixtures("no_packets")
def test_what_is_no_address_is_not_connected_to(context):
    with pytest.raises(ScanError, match="is not an address"):
        connect(endpoint(address="localhost"), context())


@pytest.mark.usefixtures("no_packets")
def test_nothing_is_sent_while_the_window_is_closed(context):
    yesterday = (datetime.now(UTC) - timedelta(days=2)).weekday()
    with pytest.raises(OutsideScopeError, match="nothing was sent"):
        connect(endpoint(), context(Scope(window=Window(days=frozenset({yesterday})))))


@pytest.mark.usefixtures("no_packets")
def test_nothing_is_sent_after_an_interrupt_or_the_deadline(context):
    with pytest.raises(CancelledError):
        connect(endpoint(), context(cancelled=lambda: True))
    with pytest.raises(DeadlineError):
        connect(endpoint(), context(seconds=0))


def test_a_port_where_nothing_listens_says_so(context):
    with pytest.raises(RefusedError, match=r"127\.77\.31\.1:9/tcp refused"):
        connect(endpoint(), context())


def test_a_listener_that_does_not_accept_is_not_waited_for(context):
    with socket.socket() as full:
        full.bind((HOST, 0))
        full.listen(0)
        port = full.getsockname()[1]
        held = []
        begun = time.monotonic()

        def fill():
            while True:
                held.append(connect(endpoint(port), context(), timeout=0.3))

        with pytest.raises(UnreachableError, match="did not answer in time"):
            fill()
        assert time.monotonic() - begun < 5
        for each in held:
            each.close()


def test_an_interrupt_ends_the_wait(context):
    begun = time.monotonic()
    with socket.socket() as full:
        full.bind((HOST, 0))
        full.listen(0)
        port = full.getsockname()[1]
        held = []

        def fill():
            while True:
                held.append(connect(endpoint(port), context(cancelled=lambda: time.monotonic() > begun + 0.3)))

        with pytest.raises(CancelledError):
            fill()
        assert time.monotonic() - begun < 3
        for each in held:
            each.close()


def test_an_answer_has_an_end(context, listen):
    def drip(connection):
        try:
            while True:
                connection.sendall(b"x" * 8192)
        except OSError:
            pass

    with connect(endpoint(listen(drip)), context()) as made:
        assert len(receive(made, context(), most=100_000)) == 100_000


def test_an_answer_that_drips_is_cut_off(context, listen):
    def drip(connection):
        try:
            for _each in range(100):
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    begun = time.monotonic()
    with connect(endpoint(listen(drip)), context()) as made:
        assert 0 < len(receive(made, context(), seconds=0.5)) < 40
    assert time.monotonic() - begun < 2


def test_reading_stops_where_the_answer_ends(context, listen):
    port = listen(lambda connection: (connection.sendall(b"220 ready\r\n"), time.sleep(1)))
    begun = time.monotonic()
    with connect(endpoint(port), context()) as made:
        assert receive(made, context(), ended=lambda data: data.endswith(b"\n")) == b"220 ready\r\n"
    assert time.monotonic() - begun < 0.9


def test_a_connection_that_is_reset_is_broken(context, listen):
    def reset(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    port = listen(reset)
    with connect(endpoint(port), context()) as made, pytest.raises(BrokenError):
        receive(made, context())


def test_a_datagram_is_heard_from_its_endpoint_alone(context):
    with socket.socket(type=socket.SOCK_DGRAM) as server, socket.socket(type=socket.SOCK_DGRAM) as stranger:
        server.bind((HOST, 0))
        stranger.bind(("127.77.31.2", 0))
        with datagram(endpoint(server.getsockname()[1], protocol="udp"), context()) as made:
            made.send(b"?")
            _question, peer = server.recvfrom(10)
            stranger.sendto(b"mine", peer)
            server.sendto(b"answer", peer)
            assert made.recv(100) == b"answer"
            made.settimeout(0.1)
            with pytest.raises(TimeoutError):
                made.recv(100)


def test_a_rate_is_kept_by_all_who_connect(context, listen):
    port = listen()
    ctx = context(Scope(rate=40))
    begun = time.monotonic()
    for _each in range(20):  # 80 packets: 40 at once, and the others in a second
        connect(endpoint(port), ctx).close()
    assert 0.8 < time.monotonic() - begun < 3


def test_the_rate_for_all_targets_is_shared(context, listen):
    port = listen()
    ctx = context(Scope(rate=1000, rate_total=40))
    begun = time.monotonic()
    for number in range(20):
        connect(replace(endpoint(port), target=f"t{number}"), ctx).close()
    assert time.monotonic() - begun > 0.8


def test_an_interrupt_ends_the_wait_for_the_rate(context, listen):
    port = listen()
    begun = time.monotonic()
    ctx = context(Scope(rate=1), cancelled=lambda: time.monotonic() > begun + 0.3)

    def hurry():
        for _each in range(3):
            connect(endpoint(port), ctx).close()

    with pytest.raises(CancelledError):
        hurry()
    assert time.monotonic() - begun < 2


def test_deny_wins_where_allow_names_the_very_address(context):
    scope = Scope(allow=(ipaddress.ip_network("127.77.31.1/32"),), deny=(ipaddress.ip_network("127.0.0.0/8"),))
    with pytest.raises(OutsideScopeError):
        connect(endpoint(), context(scope))
