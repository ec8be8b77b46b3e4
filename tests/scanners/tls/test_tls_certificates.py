"""Certificates and chains, each with one thing wrong, shown by a real TLS server."""

import pytest
from cryptography import x509
from tls_servers import CLIENTS_ONLY, HOST, context, scripted, secure, signed

from scangate.scanners.tls.rules.certificate import _covers

QUIET = {"tls-cipher-cbc", "tls-cipher-no-forward-secrecy", "tls-cipher-outside-profile"}


@pytest.fixture(scope="module")
def root():
    return signed("Root", authority=True, ends=3000)


@pytest.fixture(scope="module")
def middle(root):
    return signed("Middle", root, authority=True, ends=900)


@pytest.fixture
def show(scan, tmp_path, root):
    """Have a server show a leaf and a chain, and scan it; the root is trusted unless `trusted` says otherwise."""

    def run(leaf, *chain, trusted=True, host=HOST):
        made = context(leaf.write(tmp_path, *chain))
        made.set_ciphers("ECDHE+AESGCM")
        (tmp_path / "root.pem").write_bytes(root.pem)
        with scripted(secure(made)) as port:
            return scan(port, host=host, trust=["root.pem"] if trusted else [])

    return run


def test_a_chain_to_a_trusted_authority_is_in_order(show, root, middle):
    assert show(signed("a.test", middle, names=["a.test"]), middle).rules == set()


def test_a_root_that_is_sent_along_does_no_harm(show, root, middle):
    assert show(signed("a.test", middle, names=["a.test"]), middle, root).rules == set()


def test_an_authority_that_nobody_named_is_not_trusted(show, root, middle):
    outcome = show(signed("a.test", middle, names=["a.test"]), middle, root, trusted=False)
    assert outcome.severities == {"tls-certificate-untrusted": "LOW"}
    assert "leads to CN=Root" in outcome.said("tls-certificate-untrusted").message


def test_a_missing_issuer_is_told_by_name(show, middle):
    outcome = show(signed("a.test", middle, names=["a.test"]))
    assert outcome.severities == {"tls-certificate-chain-incomplete": "LOW"}
    assert "CN=Middle" in outcome.said("tls-certificate-chain-incomplete").message


def test_a_chain_out_of_order_is_followed_and_told(show, root, middle):
    outcome = show(signed("a.test", middle, names=["a.test"]), root, middle)
    assert outcome.severities == {"tls-certificate-chain-order": "INFO"}


def test_a_leaf_signs_nobody(show, root):
    leaf = signed("no authority", root)
    outcome = show(signed("a.test", leaf, names=["a.test"]), leaf)
    assert outcome.severities == {"tls-certificate-untrusted": "MEDIUM"}
    assert "is not the certificate of an authority" in outcome.said("tls-certificate-untrusted").message


def test_an_expired_issuer_breaks_the_chain(show, root):
    old = signed("Old", root, authority=True, begins=-20, ends=-10)
    assert show(signed("a.test", old, names=["a.test"]), old).severities == {"tls-certificate-untrusted": "MEDIUM"}


def test_a_forged_issuer_is_no_issuer(show, root, middle):
    """The name of the authority, and another key."""
    forged = signed("Middle", authority=True)
    outcome = show(signed("a.test", forged, names=["a.test"]), middle)
    assert outcome.severities == {"tls-certificate-chain-incomplete": "LOW"}


def test_two_that_sign_each_other_lead_nowhere(show):
    one = signed("One", authority=True)
    other = signed("Other", one, authority=True)
    again = signed("One", other, authority=True)
    assert "tls-certificate-untrusted" in show(signed("a.test", again), again, other, one).rules


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (-2, {"tls-certificate-expired": "HIGH"}),
        (5, {"tls-certificate-expires-soon": "MEDIUM"}),
        (20, {"tls-certificate-expires-soon": "LOW"}),
        (31, {}),
        (396, {}),
        (500, {"tls-certificate-long-lived": "INFO"}),
    ],
)
def test_the_last_day_decides(show, root, ends, expected):
    outcome = show(signed("a.test", root, names=["a.test"], begins=-3 if ends < 0 else -1, ends=ends))
    assert outcome.severities == expected
    for rule in expected:
        facts = dict(outcome.said(rule).evidence[0].facts)
        assert int(facts["days left"]) in (ends, ends - 1)


def test_a_certificate_for_later_is_told(show, root):
    assert show(signed("a.test", root, begins=2)).severities == {"tls-certificate-not-yet-valid": "MEDIUM"}


def test_the_name_must_be_among_the_names(show, root):
    right = signed("x", root, names=["a.test"])
    assert show(right, host="a.test").rules == set()
    outcome = show(signed("x", root, names=["other.test", "*.a.test"]), host="a.test")
    assert outcome.severities == {"tls-certificate-name-mismatch": "MEDIUM"}
    assert outcome.said("tls-certificate-name-mismatch").subject.startswith("a.test:")
    assert show(signed("a.test", root), host="a.test").rules == {"tls-certificate-name-mismatch"}


def test_an_address_is_compared_with_addresses_only(show, root):
    assert show(signed("x", root, names=["other.test"])).rules == set()
    assert show(signed("x", root, addresses=[HOST])).rules == set()
    assert show(signed("x", root, addresses=["192.0.2.1"])).rules == {"tls-certificate-name-mismatch"}


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("a.test", "a.test", True), ("a.test", "A.TEST", True), ("*.test", "a.test", True), ("*", "a", False),
        ("*.test", "b.a.test", False), ("a*.test", "ab.test", False), ("*.a.test", "a.test", False),
        ("a.test.evil", "a.test", False),
    ],
)  # fmt: skip
def test_a_star_is_one_whole_label(pattern, name, fits):
    assert _covers(pattern, name) is fits


def test_a_certificate_for_clients_is_not_for_servers(show, root):
    assert show(signed("a.test", root, usage=CLIENTS_ONLY)).rules == {"tls-certificate-wrong-purpose"}


def test_must_staple_without_a_staple_is_told(show, root):
    demands = x509.TLSFeature([x509.TLSFeatureType.status_request])
    outcome = show(signed("a.test", root, extensions=[demands]))
    assert outcome.severities == {"tls-certificate-not-stapled": "MEDIUM"}


def test_one_that_is_trusted_itself_may_sign_itself(scan, tmp_path):
    own = signed("a.test", names=["a.test"])
    made = context(own.write(tmp_path))
    made.set_ciphers("ECDHE+AESGCM")
    (tmp_path / "own.pem").write_bytes(own.pem)
    with scripted(secure(made)) as port:
        assert scan(port, trust=["own.pem"]).rules == set()
        assert scan(port).severities == {"tls-certificate-self-signed": "LOW"}


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_trust_that_cannot_be_read_ends_the_scan(scan, tmp_path, content):
    if content is not None:
        (tmp_path / "trust.pem").write_bytes(content)
    outcome = scan(1, trust=["trust.pem"])
    assert "trust.pem holds no certificates that can be read" in str(outcome.error)


def test_both_kinds_of_key_are_looked_at(scan, tmp_path, root):
    """A server with an RSA and an EC certificate shows each client the one it asks for."""
    from datetime import UTC, datetime, timedelta

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is the point
    name = x509.Name([])
    old = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(5)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=99))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "rsa.pem").write_bytes(private + old.public_bytes(serialization.Encoding.PEM))
    import ssl

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ECDHE+AESGCM:@SECLEVEL=0")
    made.load_cert_chain(tmp_path / "rsa.pem")
    made.load_cert_chain(signed("a.test", root).write(tmp_path))
    (tmp_path / "root.pem").write_bytes(root.pem)
    with scripted(secure(made)) as port:
        outcome = scan(port, trust=["root.pem"])
    assert outcome.rules == {"tls-certificate-weak-key", "tls-certificate-self-signed"}
    assert dict(outcome.said("tls-certificate-weak-key").evidence[0].facts)["certificate sha256"].count(",") == 1
