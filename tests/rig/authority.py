"""Certificates of the rig: good ones from an authority of its own, and bad ones that sign themselves."""

import ipaddress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "rig.example"
_SHA256_RSA = bytes.fromhex("2a864886f70d01010b")
_SHA1_RSA = bytes.fromhex("2a864886f70d010105")


def _named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """Signs what the hardened side shows. Whoever is to trust that side is given `certificate`."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _certificate(self) -> x509.Certificate:
        return (
            self._builder(_named("Rig Authority"), _named("Rig Authority"), self._key.public_key(), days=3650)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, as PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, folder: Path, address: str) -> tuple[Path, Path]:
        """Write a good certificate for an address and `rig.example`, and its key; all may read both."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address(address))]
        issuer = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = (
            self._builder(_named(NAME), _named("Rig Authority"), key.public_key(), days=200)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _write(folder, certificate, key)

    @staticmethod
    def _builder(
        subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
        )


def bad(folder: Path) -> tuple[Path, Path]:
    """Write a certificate with every weakness at once: self-signed, 1,024 bits, SHA-1, expired thirty days ago."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    now = datetime.now(UTC)
    good = (
        x509.CertificateBuilder()
        .subject_name(_named("old.example"))
        .issuer_name(_named("old.example"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=395))
        .not_valid_after(now - timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return _write(folder, _signed_with_sha1(good, key), key)


def _signed_with_sha1(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Sign a certificate anew, as the builder refuses to: the two algorithms' identifiers are of one length."""
    content = certificate.tbs_certificate_bytes.replace(_SHA256_RSA, _SHA1_RSA)
    signature = key.sign(content, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - that is the point
    algorithm = bytes.fromhex("300d0609") + _SHA1_RSA + bytes.fromhex("0500")
    return x509.load_der_x509_certificate(_der(0x30, content + algorithm + _der(0x03, b"\0" + signature)))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 128 else bytes((0x82,)) + size.to_bytes(2, "big")
    if 128 <= size < 256:
        length = bytes((0x81, size))
    return bytes((tag,)) + length + content


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _write(
    folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> tuple[Path, Path]:
    shown, kept = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return shown, kept
