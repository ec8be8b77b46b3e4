"""Versions and suites: real servers of OpenSSL, and scripts for what OpenSSL no longer speaks."""

import socket
import ssl

import pytest
from tls_servers import HOST, context, openssl, scripted, secure, signed

from scangate.scanners.tls import suites
from scangate.scanners.tls.versions import Version


@pytest.fixture
def certificate(tmp_path):
    return signed("a.test", names=["a.test"], addresses=[HOST]).write(tmp_path)


def answer(version: int, suite: int, extensions: bytes = b"", compression: int = 0) -> bytes:
    """A ServerHello in a record (constructed)."""
    body = version.to_bytes(2) + bytes(32) + b"\0" + suite.to_bytes(2) + bytes((compression,))
    body += len(extensions).to_bytes(2) + extensions if extensions else b""
    message = b"\x02" + len(body).to_bytes(3) + body
    return b"\x16\x03\x00" + len(message).to_bytes(2) + message


ALERT = b"\x15\x03\x00\x00\x02\x02\x28"


def only(version: int, suite: int, *, more: bytes = b"", **rest):
    """A server that knows one version and one suite (constructed)."""

    def serve(connection):
        asked = connection.recv(4096)
        # The version of the greeting, and its suites behind random and session.
        at = 44 + asked[43]
        offered = asked[at + 2 : at + 2 + int.from_bytes(asked[at : at + 2])]
        codes = {int.from_bytes(offered[number : number + 2]) for number in range(0, len(offered), 2)}
        wanted = asked[:1] == b"\x16" and int.from_bytes(asked[9:11]) == version and suite in codes
        connection.sendall(answer(version, suite, **rest) + more if wanted else ALERT)

    return serve


def ssl2_only(connection):
    asked = connection.recv(4096)
    if asked[0] == 0x80 and asked[2:5] == b"\x01\x00\x02":
        connection.sendall(b"\x80\x1e\x04\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10\x01\x00\x80" + bytes(16))


def test_todays_defaults_break_no_rule_worth_a_word(scan, certificate, tmp_path):
    hardened = context(certificate, minimum_version=ssl.TLSVersion.TLSv1_2)
    hardened.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    with scripted(secure(hardened)) as port:
        outcome = scan(port, trust=[certificate.name])
    assert outcome.error is None
    assert outcome.gaps == {}
    assert outcome.rules == set()
    assert outcome.asked == 1
    (service,) = outcome.services
    assert service.tls == "TLSv1.3"
    assert service.tunnel == "ssl"
    assert len(service.certificate) == 64


def test_a_server_of_tls_13_alone_shows_its_certificate_all_the_same(scan, certificate):
    made = context(certificate, minimum_version=ssl.TLSVersion.TLSv1_3)
    with scripted(secure(made)) as port:
        outcome = scan(port)
    assert outcome.rules == {"tls-certificate-self-signed"}
    assert outcome.services[0].certificate


def test_what_the_profile_forbids_is_found(scan, certificate):
    made = context(certificate)
    made.set_ciphers("ECDHE+AESGCM")
    with scripted(secure(made)) as port:
        modern = scan(port, profile="modern", trust=[certificate.name])
        assert modern.severities == {"tls-protocol-outside-profile": "LOW"}


@pytest.mark.real
def test_a_weak_openssl_is_seen_through(scan, certificate, tmp_path):
    with openssl(
        tmp_path, "-cert", str(certificate), "-key", str(certificate), "-cipher", "ALL:eNULL@SECLEVEL=0"
    ) as port:
        outcome = scan(port, trust=[certificate.name])
        assert outcome.gaps == {}
        old = scan(port, profile="old", trust=[certificate.name])
    assert outcome.severities == {
        "tls-protocol-obsolete": "MEDIUM",
        "tls-cipher-weak": "HIGH",
        "tls-cipher-cbc": "LOW",
        "tls-cipher-outside-profile": "INFO",
    }
    assert "TLS 1.0, TLS 1.1" in outcome.said("tls-protocol-obsolete").message
    assert "tls-protocol-obsolete" not in old.rules
    assert old.severities["tls-cipher-weak"] == "HIGH"


def test_no_endpoint_is_connected_to_more_often_than_is_allowed(scan, certificate):
    made = context(certificate, minimum_version=ssl.TLSVersion.TLSv1)
    made.set_ciphers("ALL:@SECLEVEL=0")
    count = []
    with scripted(secure(made, count.append)) as port:
        outcome = scan(port, connections=25)
    assert len(count) <= 25
    assert {"tls-protocol-obsolete", "tls-cipher-weak", "tls-cipher-cbc"} <= outcome.rules
    assert "not whole" in dict(outcome.said("tls-cipher-cbc").evidence[0].facts)["list"]


def test_ssl_3_is_found_with_its_missing_protections(scan):
    with scripted(only(Version.SSL3, 0x0005)) as port:
        outcome = scan(port)
    assert outcome.severities["tls-protocol-obsolete"] == "HIGH"
    assert "SSL 3" in outcome.said("tls-protocol-obsolete").message
    assert {"tls-cipher-weak", "tls-renegotiation-insecure", "tls-protocol-13-missing"} <= outcome.rules
    assert outcome.services[0].tls == "SSLv3"
    assert outcome.gaps == {}


def test_ssl_2_is_found(scan):
    with scripted(ssl2_only) as port:
        outcome = scan(port)
    assert outcome.severities["tls-protocol-obsolete"] == "HIGH"
    assert "SSL 2" in outcome.said("tls-protocol-obsolete").message
    assert outcome.services[0].tls == "SSLv2"


def test_compression_and_heartbeat_are_told(scan):
    heartbeat = b"\x00\x0f\x00\x01\x01\xff\x01\x00\x01\x00"
    with scripted(only(Version.TLS12, 0xC02F, extensions=heartbeat, compression=1)) as port:
        outcome = scan(port)
    assert outcome.severities["tls-compression"] == "MEDIUM"
    assert outcome.said("tls-heartbeat").confidence.name == "POTENTIAL"
    assert "tls-renegotiation-insecure" not in outcome.rules


def test_a_server_that_refuses_all_is_a_gap_and_no_pass(scan):
    with scripted(lambda connection: (connection.recv(4096), connection.sendall(ALERT))) as port:
        outcome = scan(port)
    assert "accepts none of the versions" in outcome.gaps[f"{HOST}:{port}/tcp"]
    assert outcome.rules == set()


def test_what_speaks_no_tls_is_no_business_of_ours(scan):
    with scripted(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        outcome = scan(port, tunnel="", name="http")
    assert outcome.gaps == {}
    assert outcome.notes == ["no TLS service among 1 open ports"]
    assert outcome.asked == 1


@pytest.mark.parametrize("name", ["ssh", "telnet", "jetdirect"])
def test_services_without_tls_get_no_greeting(scan, name):
    asked = []
    with scripted(asked.append) as port:
        scan(port, tunnel="", name=name)
    assert asked == []


def test_the_suites_are_those_of_the_registry():
    names = suites.names()
    assert names[0x1301] == "TLS_AES_128_GCM_SHA256"
    assert names[0xC02F] == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert len(set(names.values())) == len(names)
    for version in Version:
        if version > Version.SSL2:
            grouped = [code for group in suites.groups(version) for code in group]
            assert sorted(grouped) == sorted(suites.valid_in(version))
    assert not any("GCM" in names[code] for code in suites.valid_in(Version.TLS11))


@pytest.mark.parametrize(
    ("suite", "open_to_all", "broken", "secret", "chained"),
    [
        ("TLS_RSA_WITH_NULL_SHA", True, True, False, False),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", True, True, True, True),
        ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", True, True, False, False),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", False, True, False, True),
        ("TLS_ECDHE_RSA_WITH_RC4_128_SHA", False, True, True, False),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", False, False, False, False),
        ("TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", False, False, False, False),
        ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", False, False, True, False),
        ("TLS_AES_128_GCM_SHA256", False, False, True, False),
        ("TLS_SHA256_SHA256", True, True, True, False),
    ],
)
def test_a_suite_is_judged_by_its_name(suite, open_to_all, broken, secret, chained):
    assert suites.protects_nothing(suite) is open_to_all
    assert suites.broken(suite) is broken
    assert suites.forward_secret(suite) is secret
    assert suites.chained(suite) is chained


def exchange(bits):
    """A TLS 1.2 server of one DHE suite, with a prime of so many bits (constructed)."""
    prime = (1 << (bits - 1)).to_bytes(bits // 8)
    body = len(prime).to_bytes(2) + prime + b"\0\x01\x02\0\x01\x05"
    messages = b"\x0c" + len(body).to_bytes(3) + body + b"\x0e\0\0\0"
    return only(
        Version.TLS12, 0x009E, extensions=b"\xff\x01\0\x01\0",
        more=b"\x16\x03\x03" + len(messages).to_bytes(2) + messages,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bits", "profile", "expected"),
    [(2048, "modern", None), (1024, "intermediate", "MEDIUM"), (512, "intermediate", "HIGH"), (1024, "old", None)],
)
def test_a_short_prime_is_told(scan, bits, profile, expected):
    with scripted(exchange(bits)) as port:
        outcome = scan(port, profile=profile)
    assert outcome.severities.get("tls-dh-weak") == expected
    assert outcome.gaps == {}


@pytest.mark.parametrize("notices", [True, False])
def test_a_downgrade_that_goes_unnoticed_is_told(scan, notices):
    new, old = only(Version.TLS12, 0xC02F), only(Version.TLS10, 0xC013)

    def serve(connection):
        asked = connection.recv(4096, socket.MSG_PEEK)
        if notices and b"\x56\x00" in asked[44 + asked[43] : 600]:
            connection.sendall(b"\x15\x03\x01\x00\x02\x02\x56")
        else:
            (old if asked[9:11] == b"\x03\x01" else new)(connection)

    with scripted(serve) as port:
        outcome = scan(port)
    assert ("tls-fallback-unnoticed" in outcome.rules) is not notices
