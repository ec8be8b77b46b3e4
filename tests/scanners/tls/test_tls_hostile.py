"""Servers that lie, flood, stall and go away; and what their words become."""

import socket
import ssl
import time

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from test_tls_versions import answer
from tls_servers import HOST, context, scripted, secure, signed

from scangate.core.model import Finding, Service
from scangate.core.text import clean
from scangate.errors import CancelledError, DeadlineError
from scangate.scanners.tls import scan as scanning
from scangate.scanners.tls import stream

GAP = f"{HOST}:"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(stream.Stream.__init__, "__defaults__", (0.4, stream.MOST))


def record(kind, content):
    return bytes((kind, 3, 3)) + len(content).to_bytes(2) + content


def certificate_message(*ders, size=None):
    entries = b"".join(len(der).to_bytes(3) + der for der in ders)
    body = len(entries).to_bytes(3) + entries
    return b"\x0b" + (size or len(body)).to_bytes(3) + body


def flight(*messages):
    """A ServerHello of TLS 1.2, and then these messages, in records as large as may be."""
    content = b"".join(messages)
    pieces = [content[at : at + 16_000] for at in range(0, len(content), 16_000)]
    return answer(0x0303, 0xC02F, b"\xff\x01\x00\x01\x00") + b"".join(record(22, piece) for piece in pieces)


def saying(content):
    """Answer a greeting of TLS 1.2 that offers the suite with this, and everything else with an alert."""

    def serve(connection):
        asked = connection.recv(4096)
        fits = asked[9:11] == b"\x03\x03" and b"\xc0\x2f" in asked and b"\x03\x04\x03\x03" not in asked
        connection.sendall(content if fits else b"\x15\x03\x03\x00\x02\x02\x28")

    return serve


HOSTILE = {
    "endless records": lambda: b"\x16\x03\x03\x00\x01\x00" * 100_000,
    "endless empty records": lambda: b"\x16\x03\x03\x00\x00" * 100_000,
    "a record longer than any": lambda: b"\x16\x03\x03\xff\xff" + b"a" * 70_000,
    "a ServerHello that announces 16 MB": lambda: record(22, b"\x02\xff\xff\xff" + b"a" * 1000) * 10,
    "a ServerHello cut off": lambda: answer(0x0303, 0xC02F)[:20],
    "a ServerHello whose extensions lie": lambda: answer(0x0303, 0xC02F, b"\x00\x00\xff\xff"),
    "a ServerHello of three bytes": lambda: record(22, b"\x02\x00\x00\x03abc"),
    "a certificate of 10 MB": lambda: flight(certificate_message(b"0" * 10_000_000)),
    "a message that never ends": lambda: flight(certificate_message(b"0" * 200_000, size=250_000)),
    "a certificate whose length lies": lambda: flight(b"\x0b\x00\x00\x06\x00\xff\xff\x00\xff\xff", b"\x0e\x00\x00\x00"),
    "a certificate that is none": lambda: flight(certificate_message(b"\x30\x82\x01\x00"), b"\x0e\x00\x00\x00"),
    "an empty chain": lambda: flight(b"\x0b\x00\x00\x03\x00\x00\x00", b"\x0e\x00\x00\x00"),
    "a terminal": lambda: b"\x1b[2J::error::owned\r\n" * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_lie_is_a_gap_and_costs_little(scan, name):
    content = HOSTILE[name]()
    began = time.monotonic()
    with scripted(saying(content)) as port:
        outcome = scan(port)
    assert time.monotonic() - began < 15
    assert outcome.error is None
    where = f"{HOST}:{port}/tcp"
    # What was seen before the lie counts.
    assert where in outcome.gaps or outcome.services, outcome.items
    assert outcome.asked == 1


def test_a_chain_of_a_thousand_is_cut_and_told(scan):
    leaf = signed("a.test").der
    with scripted(saying(flight(certificate_message(*[leaf] * 300), b"\x0e\x00\x00\x00"))) as port:
        outcome = scan(port)
    assert "tls-certificate-chain-long" in outcome.rules
    with scripted(saying(flight(certificate_message(*[leaf] * 1000), b"\x0e\x00\x00\x00"))) as port:
        outcome = scan(port)
    assert "is read" in outcome.gaps[f"{HOST}:{port}/tcp"] or "are read" in outcome.gaps[f"{HOST}:{port}/tcp"]


def test_hostile_names_come_out_clean(scan, tmp_path):
    name = "a\x1b[31m\n::error::owned\u202e<script>"
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "\0|`x`|")]
    )
    issuer = signed("x", authority=True, subject=subject)
    leaf = signed("x", issuer, subject=subject, names=["xn--a.test"])
    with scripted(secure(context(leaf.write(tmp_path)))) as port:
        outcome = scan(port, host="a.test")
    assert {"tls-certificate-self-signed", "tls-certificate-name-mismatch"} <= outcome.rules
    for finding in outcome.all(Finding):
        for text in (finding.message, finding.title, *(value for _name, value in finding.evidence[0].facts)):
            assert clean(text) == text
            assert "\n" not in text


def test_a_server_that_says_nothing_is_a_gap_where_tls_was_heard_before(scan):
    with scripted(lambda connection: connection.recv(1) and time.sleep(3)) as port:
        outcome = scan(port)
        assert outcome.gaps
        assert scan(port, tunnel="", name="unknown").gaps == {}


def test_a_server_that_drips_does_not_hold_the_scan_up(scan, monkeypatch):
    monkeypatch.setattr(scanning, "SECONDS", 2.0)

    def drip(connection):
        connection.recv(4096)
        for byte in answer(0x0303, 0xC02F):
            connection.sendall(bytes((byte,)))
            time.sleep(0.1)

    began = time.monotonic()
    with scripted(drip) as port:
        outcome = scan(port)
    assert time.monotonic() - began < 8
    assert list(outcome.gaps) == [f"{HOST}:{port}/tcp"]


def test_a_server_that_goes_away_in_the_middle_is_a_gap_and_keeps_what_was_seen(scan, tmp_path):
    made = context(signed("a.test").write(tmp_path))
    count = []
    listener = socket.create_server((HOST, 0), backlog=64)
    port = listener.getsockname()[1]

    def serve(connection):
        count.append(1)
        if len(count) == 12:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        secure(made)(connection)

    import threading

    def accept():
        try:
            while True:
                connection, _peer = listener.accept()
                with connection:
                    connection.settimeout(5)
                    try:
                        serve(connection)
                    except (OSError, ssl.SSLError):
                        continue
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()
    outcome = scan(port)
    assert "refused" in outcome.gaps[f"{HOST}:{port}/tcp"]
    assert outcome.services[0].tls == "TLSv1.3"


def test_a_closed_port_that_was_open_is_a_gap(scan):
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    assert "refused" in scan(port).gaps[f"{HOST}:{port}/tcp"]


def test_the_end_of_the_time_keeps_what_was_finished(scan, tmp_path):
    made = context(signed("a.test").write(tmp_path))
    with scripted(secure(made)) as good, scripted(lambda connection: time.sleep(15)) as slow:
        services = [
            Service(host=HOST, address=HOST, port=port, protocol="tcp", state="open", tunnel="ssl")
            for port in (good, slow)
        ]
        outcome = scan(0, services=services, seconds=1.2)
    assert isinstance(outcome.error, DeadlineError)
    assert [service.port for service in outcome.services] == [good]
    assert list(outcome.gaps) == [f"{HOST}:{slow}/tcp"]
    assert outcome.asked == 2


def test_an_interrupt_ends_the_scan(scan):
    with scripted(lambda connection: time.sleep(15)) as port:
        began = time.monotonic()
        outcome = scan(port, cancelled=lambda: time.monotonic() - began > 0.3)
    assert isinstance(outcome.error, CancelledError)
    assert time.monotonic() - began < 5
    assert outcome.asked == 1


def test_an_address_outside_the_scope_is_never_connected_to(scan):
    service = Service(host="127.0.0.9", address="192.0.2.1", port=443, protocol="tcp", state="open", tunnel="ssl")
    outcome = scan(443, services=[service], host="127.0.0.9")
    assert outcome.gaps
    assert outcome.services == []
