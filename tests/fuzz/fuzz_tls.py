"""What TLS servers, and those that come before them in STARTTLS, can answer; certificates; reports of ssh-audit."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from harness import Target

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.ssh_audit import rules as ssh_rules
from scangate.scanners.ssh_audit.parse import parse as parse_audit
from scangate.scanners.tls import certificate, ssl2
from scangate.scanners.tls.answer import (
    CERTIFICATE,
    HELLO_DONE,
    KEY_EXCHANGE,
    Reader,
    certificates,
    dh_bits,
    extensions,
    protocol_name,
)
from scangate.scanners.tls.chain import Trust, follow
from scangate.scanners.tls.keys import Shares
from scangate.scanners.tls.profiles import profile
from scangate.scanners.tls.rules import findings
from scangate.scanners.tls.rules.seen import Seen
from scangate.scanners.tls.spoken import Spoken
from scangate.scanners.tls.starttls import ALL
from scangate.scanners.tls.stream import MalformedError, Stream
from scangate.scanners.tls.versions import Version
from scangate.scanners.tls.wire import read_flight

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_CONTEXT = Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 10**6)
_ENDPOINT = Endpoint(host="a.example", address="127.0.0.1", port=443, target="t")


class _Said:
    """A socket whose peer has said it all."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def settimeout(self, _seconds: float) -> None: ...

    def sendall(self, _data: bytes) -> None: ...

    def recv(self, most: int) -> bytes:
        piece, self._data = self._data[:most], self._data[most:]
        return piece


def _stream(data: bytes) -> Stream:
    return Stream(_Said(data), _CONTEXT)  # type: ignore[arg-type]


def _record(kind: int, content: bytes) -> bytes:
    return bytes((kind, 3, 3)) + len(content).to_bytes(2) + content


def _message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3) + body


def _issue() -> bytes:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))  # its signatures are the same each time
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a.example")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(_NOW)
        .not_valid_after(_NOW + timedelta(days=500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("b.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
        .sign(key, None)
        .public_bytes(serialization.Encoding.DER)
    )


_DER = _issue()
_HELLO = (
    b"\x03\x03"
    + bytes(32)
    + b"\x00\xc0\x2f\x00"
    + b"\x00\x17\xff\x01\x00\x01\x00\x00\x10\x00\x05\x00\x03\x02h2\x00\x12\x00\x00"
)
_NEW_HELLO = (
    b"\x03\x03"
    + bytes(32)
    + b"\x00\x13\x01\x00"
    + b"\x00\x2e\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x24\x00\x1d\x00\x20"
    + b"\x09" * 32
)
_SENT = (len(_DER) + 3).to_bytes(3) + len(_DER).to_bytes(3) + _DER
_FLIGHT = _record(
    22,
    _message(2, _HELLO)
    + _message(11, _SENT)
    + _message(12, b"\x00\x08" + b"\xff" * 8 + b"\x00\x01\x02")
    + _message(14, b""),
)
_SEEDS = (
    _FLIGHT,
    _record(22, _message(2, _NEW_HELLO)) + _record(20, b"\x01") + _record(23, b"\x01" * 60),
    _record(21, b"\x02\x28"),
    _record(21, b"\x01\x70") + _FLIGHT,
)


def _flight(data: bytes) -> None:
    """An answer in a TLS of old, and the same bytes in one of today."""
    flight = read_flight(_stream(data), HELLO_DONE)
    for version in (Version.TLS12, Version.TLS13):
        if body := flight.body(CERTIFICATE):
            certificates(body, version)
    if body := flight.body(KEY_EXCHANGE):
        dh_bits(body)
    if flight.hello:
        protocol_name(flight.hello.extensions.get(16, b""))


def _modern(data: bytes) -> None:
    shares = Shares(all_groups=False)
    read_flight(_stream(data), CERTIFICATE, lambda hello, raw: shares.unlock(b"\x01\x00\x00\x00", hello, raw))
    extensions(Reader(data))


def _certificate(data: bytes) -> None:
    """One certificate, all rules on it, and itself as its authority."""
    read = certificate.read(data)
    trusted = Trust((), (certificate.read(_DER),))
    chain = (read, certificate.read(_DER), read)
    way = follow(chain, trusted, _NOW)
    spoken = Spoken(suites={Version.TLS12: (0xC02F,)}, stapled=False)
    seen = Seen(endpoint=_ENDPOINT, spoken=spoken, profile=profile("modern"), now=_NOW, chains=(chain,), ways=(way,))
    for each in findings(seen):
        assert len(each.message) < 2_000


def _starttls(data: bytes) -> None:
    """The first byte chooses the protocol."""
    protocol = ALL[data[0] % len(ALL)] if data else ALL[0]
    protocol.begin(_stream(data[1:]), "a.example")


def _audit(data: bytes) -> None:
    audit = parse_audit(data)
    for hit in ssh_rules.check(audit, "a:22/tcp"):
        assert hit.said


_AUDIT = json.dumps(
    {
        "banner": {"raw": "SSH-2.0-OpenSSH_7.9p1", "software": "OpenSSH_7.9p1"},
        "cves": [{"name": "CVE-2021-41617", "cvssv2": 7.0, "description": "privilege escalation"}],
        "kex": [{"algorithm": "diffie-hellman-group1-sha1", "keysize": 1024, "notes": {"fail": ["broken"]}}],
        "key": [{"algorithm": "ssh-rsa", "keysize": 1024, "notes": {"warn": ["old"]}}],
        "enc": [{"algorithm": "chacha20-poly1305@openssh.com", "notes": {}}, {"algorithm": "3des-cbc"}],
        "mac": [{"algorithm": "hmac-sha1-etm@openssh.com"}],
        "fingerprints": [{"hash": "m" * 43, "hash_alg": "SHA256", "hostkey": "ssh-rsa"}],
        "recommendations": {"critical": {"del": {"mac": [{"name": "hmac-md5", "notes": ""}]}}},
    }
).encode()
_TALK = (
    b"\x00220-a ESMTP\r\n220 b\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n",
    b"\x01* OK ready\r\n* CAPABILITY\r\na1 OK\r\n",
    b"\x02+OK\r\n+OK\r\n",
    b"\x03220 a\r\n234 b\r\n",
    b"\x04\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
    b"\x05S",
    b"\x06\x2e\x00\x00\x00\x0a8.0\x00" + bytes(4) + b"saltsalt\x00\xff\xff\x21" + bytes(20),
    b"\x07<stream:stream><stream:features><a xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features><proceed/>",
)

TARGETS = (
    Target("tls-flight", _SEEDS, _flight, (MalformedError,)),
    Target("tls-modern", _SEEDS, _modern, (MalformedError,)),
    Target(
        "tls-ssl2",
        (b"\x80\x1e\x04\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10\x01\x00\x80" + bytes(16),),
        lambda data: ssl2.accepted(_stream(data)),
    ),
    Target("tls-certificate", (_DER,), _certificate, (MalformedError,)),
    Target("tls-starttls", _TALK, _starttls, (ScanError,)),
    Target("ssh-audit-report", (_AUDIT,), _audit, (ScanError,)),
)
