"""Credentials, endpoints and gaps of the databases scanner; no server is needed."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date

import pytest

from rig.site import PASSWORD
from scangate.core.model import Finding, Service, Severity
from scangate.core.text import MASK
from scangate.scanners.databases import conversation
from scangate.scanners.databases.end_of_life import ended
from scangate.scanners.databases.rules import RULES, some
from scangate.scanners.databases.scan import DATABASES

from .conftest import Scan

HERE = "127.0.80.9"


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of our own making, for one conversation after the other."""
    with socket.create_server((HERE, 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _peer = listener.accept()
                    with connection, suppress(OSError):
                        connection.settimeout(10)
                        answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def service(port: int, name: str, **more) -> Service:
    return Service(host=HERE, port=port, protocol="tcp", state="open", name=name, address=HERE, **more)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "SECONDS", 0.3)


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSTGRESQL", "MYSQL", "REDIS", "MONGODB"):
        monkeypatch.delenv(f"SCANGATE_{name}_USER", raising=False)
        monkeypatch.delenv(f"SCANGATE_{name}_PASSWORD", raising=False)


def test_a_database_without_credentials_is_a_gap_that_names_the_variables(scan: Scan) -> None:
    outcome = scan(HERE, services=(service(5432, "postgresql"), service(6379, "redis")))
    assert outcome.gaps == {
        f"{HERE}:5432/tcp": "no credentials given: set SCANGATE_POSTGRESQL_USER and SCANGATE_POSTGRESQL_PASSWORD",
        f"{HERE}:6379/tcp": "no credentials given: set SCANGATE_REDIS_PASSWORD",
    }
    assert outcome.asked == 2


def test_a_target_may_have_accounts_of_its_own(scan: Scan) -> None:
    outcome = scan(HERE, services=(service(3306, "mysql"),), accounts={"db": "SHOP"})
    (reason,) = outcome.gaps.values()
    assert "SCANGATE_SHOP_MYSQL_USER" in reason


def test_no_other_variable_of_the_environment_can_be_named() -> None:
    from scangate.scanners.databases import Databases

    (values,) = (Databases.options["properties"]["accounts"]["additionalProperties"],)
    assert values["pattern"] == "^[A-Z][A-Z0-9_]{0,30}$"  # and SCANGATE_ always stands before it


def test_a_host_without_databases_is_looked_at_and_said(scan: Scan) -> None:
    outcome = scan(HERE, services=(service(22, "ssh"), service(5432, "http")))
    assert not outcome.gaps
    assert "no database among 2 open ports" in outcome.notes
    assert outcome.asked == 2


def test_nmaps_word_counts_more_than_the_port(scan: Scan) -> None:
    outcome = scan(HERE, services=(service(6379, "ssh"), service(15432, "postgresql")))
    assert list(outcome.gaps) == [f"{HERE}:15432/tcp"]


@pytest.mark.usefixtures("credentials", "impatient")
@pytest.mark.parametrize(
    "said",
    [
        b"", b"\x00", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 200, b"N", b"S", b"*9999999\r\n", b"*1\r\n" * 5000,
        b"$99999999\r\n", b"\xff\xff\xff\x00\x0a", b"\x4a\x00\x00\x00\x0a5.5.5\x00", b"-NOAUTH\r\n" * 9,
        b"R\x7f\xff\xff\xff\x00", b"NR\x00\x00\x00\x08\x00\x00\x00\x00" * 50,
    ],
)  # fmt: skip
def test_whatever_a_stranger_answers_ends_as_a_gap(said: bytes, scan: Scan) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(64)
        connection.sendall(said)

    with server(answer) as port:
        for name in ("postgresql", "mysql", "redis", "mongodb"):
            outcome = scan(HERE, services=(service(port, name),))
            assert outcome.error is None
            assert list(outcome.gaps) == [f"{HERE}:{port}/tcp"]
            assert not outcome.all(Finding)


@pytest.mark.usefixtures("credentials")
def test_a_server_that_never_stops_talking_is_left(scan: Scan) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"+" + b"x" * 2**21)
        while True:
            connection.sendall(b"x" * 2**16)

    with server(answer) as port:
        outcome = scan(HERE, services=(service(port, "redis"),))
    (reason,) = outcome.gaps.values()
    assert "a line of more than" in reason or "TLS did not begin" in reason


@pytest.mark.usefixtures("credentials")
def test_a_server_that_is_silent_is_left_when_the_time_is_used_up(scan: Scan) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(64)
        with suppress(OSError):
            connection.recv(64)

    with server(answer) as port:
        outcome = scan(HERE, services=(service(port, "mongodb"),), seconds=1)
    assert outcome.gaps or outcome.error


@pytest.mark.usefixtures("credentials")
def test_redis_is_told_no_password_without_tls(scan: Scan) -> None:
    heard: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        while data := connection.recv(4096):
            heard.append(data)
            connection.sendall(b"-NOAUTH Authentication required.\r\n")

    with server(answer) as port:
        outcome = scan(HERE, services=(service(port, "redis"),))
        (reason,) = outcome.gaps.values()
        assert "there is no TLS" in reason
        assert not any(b"AUTH\r\n" in each for each in heard)
        scan(HERE, services=(service(port, "redis"),), cleartext=True)
    assert any(b"AUTH\r\n" in each for each in heard)


@pytest.mark.usefixtures("credentials")
def test_a_password_that_the_server_says_back_is_masked(scan: Scan) -> None:
    def answer(connection: socket.socket) -> None:
        while data := connection.recv(4096):
            last = data.split(b"\r\n")[-2]
            connection.sendall(b"-WRONGPASS you said " + last + b"\r\n")

    with server(answer) as port:
        outcome = scan(HERE, services=(service(port, "redis"),), cleartext=True)
    assert PASSWORD not in repr(outcome.items)
    assert MASK in outcome.gaps[f"{HERE}:{port}/tcp"]


@pytest.mark.usefixtures("credentials")
def test_postgresql_is_told_no_password_in_clear_text(scan: Scan) -> None:
    heard: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        connection.recv(8)
        connection.sendall(b"N")
        connection.recv(1024)
        connection.sendall(b"R\0\0\0\x08\0\0\0\x03")
        heard.append(connection.recv(1024))

    with server(answer) as port:
        outcome = scan(HERE, services=(service(port, "postgresql"),))
    assert "in clear text, without TLS" in outcome.gaps[f"{HERE}:{port}/tcp"]
    assert heard in ([b""], [])


@pytest.mark.usefixtures("credentials")
def test_a_file_of_certificates_that_is_not_there_ends_the_scan_with_advice(scan: Scan) -> None:
    outcome = scan(HERE, 5432, trust=["no/such.pem"])
    assert outcome.error
    assert "no/such.pem" in outcome.error.message


def test_a_version_that_nobody_maintains_is_a_finding() -> None:
    (hit,) = ended("PostgreSQL", "12.22 (Debian 12.22-1)", "db:5432/tcp", date(2026, 11, 21))
    assert (hit.rule.id, hit.severity) == ("db-end-of-life", None)


def test_a_version_that_a_distribution_may_maintain_is_worth_a_look_only() -> None:
    (hit,) = ended("Redis", "7.0.15", "db:6379/tcp", date(2026, 11, 21))
    assert hit.severity is Severity.INFO
    assert "Debian 12" in hit.said
    (later,) = ended("Redis", "7.0.15", "db:6379/tcp", date(2029, 1, 1))
    assert later.severity is None


@pytest.mark.parametrize("version", ["", "99.1", "devel", "8.4.3", "\x00", "9" * 50])
def test_a_version_that_is_maintained_or_unknown_is_none(version: str) -> None:
    assert not list(ended("MySQL", version, "db:3306/tcp", date(2026, 11, 21)))


def test_every_rule_has_a_prefix_a_reason_and_a_way_out() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.id.startswith("db-")
        assert rule.cwes
        assert "{port}" in rule.fix
        assert "{host}" in rule.fix


def test_names_from_strangers_are_shortened() -> None:
    assert some(["a" * 200]) == "a" * 64
    assert some(list("abcdefghij")) == "a, b, c, d, e, f, g, h and 2 more"


def test_four_databases_are_known() -> None:
    assert [each.name for each in DATABASES] == ["mongodb", "mysql", "postgresql", "redis"]
