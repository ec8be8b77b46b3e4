"""One X.509 certificate, read without belief: every part of it can be anything."""

import contextlib
import hashlib
import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scangate.core.text import clean
from scangate.scanners.tls.stream import MalformedError

# Odd certificates are what we look for: they are findings, not warnings on somebody's terminal.
warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)

LONGEST: Final = 64 * 2**10
# A KeyError comes of a TLS feature that has no name.
_UNREADABLE: Final = (
    ValueError, TypeError, KeyError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)  # fmt: skip
_LONGEST_NAME: Final = 200
_MOST_NAMES: Final = 500
_MUST_STAPLE: Final = 5
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]{1,100000}-----END CERTIFICATE-----")

T = TypeVar("T", bound=x509.ExtensionType)


@dataclass(frozen=True)
class Certificate:
    """What rules ask of one. What cannot be read is empty, or None."""

    der: bytes
    parsed: x509.Certificate

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @cached_property
    def subject(self) -> str:
        with contextlib.suppress(*_UNREADABLE):
            return clean(self.parsed.subject.rfc4514_string(), _LONGEST_NAME)
        return ""

    @cached_property
    def issuer(self) -> str:
        with contextlib.suppress(*_UNREADABLE):
            return clean(self.parsed.issuer.rfc4514_string(), _LONGEST_NAME)
        return ""

    @cached_property
    def begins(self) -> datetime | None:
        with contextlib.suppress(*_UNREADABLE):
            return self.parsed.not_valid_before_utc
        return None

    @cached_property
    def ends(self) -> datetime | None:
        with contextlib.suppress(*_UNREADABLE):
            return self.parsed.not_valid_after_utc
        return None

    @cached_property
    def key(self) -> tuple[str, int]:
        """Its kind and bits: ("RSA", 2048); empty and 0 for one that is not known."""
        with contextlib.suppress(*_UNREADABLE):
            public = self.parsed.public_key()
            if isinstance(public, rsa.RSAPublicKey):
                return "RSA", public.key_size
            if isinstance(public, dsa.DSAPublicKey):
                return "DSA", public.key_size
            if isinstance(public, ec.EllipticCurvePublicKey):
                return "EC", public.key_size
            if isinstance(public, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
                return ("Ed25519", 256) if isinstance(public, ed25519.Ed25519PublicKey) else ("Ed448", 456)
        return "", 0

    @cached_property
    def signature(self) -> str:
        """The hash it was signed with: sha256; empty where there is none by itself, or an unknown one."""
        with contextlib.suppress(*_UNREADABLE):
            algorithm = self.parsed.signature_hash_algorithm
            return algorithm.name if algorithm else ""
        return ""

    @cached_property
    def names_itself(self) -> bool:
        """Whether subject and issuer are one: signed by its own key, or a lie that nobody can check either."""
        with contextlib.suppress(*_UNREADABLE):
            return self.parsed.subject == self.parsed.issuer
        return False

    @cached_property
    def is_authority(self) -> bool:
        """Whether it may sign others: by its basic constraints, which version 1 does not have."""
        found = self._extension(x509.BasicConstraints)
        return found.ca if found else self._version_1

    @cached_property
    def path_length(self) -> int | None:
        found = self._extension(x509.BasicConstraints)
        return found.path_length if found else None

    @cached_property
    def for_servers(self) -> bool:
        """Whether its extended key usage, if it has one, includes servers."""
        found = self._extension(x509.ExtendedKeyUsage)
        allowed = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
        return not found or any(usage in allowed for usage in found)

    @cached_property
    def must_staple(self) -> bool:
        found = self._extension(x509.TLSFeature)
        return bool(found) and any(feature.value == _MUST_STAPLE for feature in found or ())

    @cached_property
    def has_timestamps(self) -> bool:
        """Whether a log of certificate transparency signed for it."""
        return self._extension(x509.PrecertificateSignedCertificateTimestamps) is not None

    @cached_property
    def alternatives(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Names and addresses it is for; None when it has no such extension."""
        found = self._extension(x509.SubjectAlternativeName)
        if found is None:
            return None
        names = [_short(name) for name in found.get_values_for_type(x509.DNSName)]
        addresses = [str(address) for address in found.get_values_for_type(x509.IPAddress)]
        return tuple(sorted(set(names[:_MOST_NAMES]))), tuple(sorted(set(addresses[:_MOST_NAMES])))

    @cached_property
    def common_names(self) -> tuple[str, ...]:
        with contextlib.suppress(*_UNREADABLE):
            return tuple(
                _short(str(each.value)) for each in self.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            )
        return ()

    def issued_by(self, other: "Certificate") -> bool:
        """Whether another one's name and key stand behind this one."""
        with contextlib.suppress(*_UNREADABLE, InvalidSignature):
            if self.parsed.issuer == other.parsed.subject:
                self.parsed.verify_directly_issued_by(other.parsed)
                return True
        return False

    @property
    def _version_1(self) -> bool:
        with contextlib.suppress(*_UNREADABLE):
            return self.parsed.version is x509.Version.v1
        return False

    def _extension(self, kind: type[T]) -> T | None:
        with contextlib.suppress(*_UNREADABLE, x509.ExtensionNotFound):
            return self.parsed.extensions.get_extension_for_class(kind).value
        return None


def read(der: bytes) -> Certificate:
    """Parse one. Raises MalformedError."""
    if len(der) > LONGEST:
        raise MalformedError(f"showed a certificate of {len(der):,} bytes; {LONGEST:,} are read")
    try:
        return Certificate(der, x509.load_der_x509_certificate(der))
    except _UNREADABLE as error:
        raise MalformedError(f"showed a certificate that cannot be read: {clean(str(error), 120)}") from None


def bundle(pem: bytes) -> tuple[Certificate, ...]:
    """Every certificate of a file of trusted ones that can be read. Raises ValueError when there is none in it."""
    found: list[Certificate] = []
    for block in _PEM.findall(pem):
        # One by one: a single odd one must not take the others with it.
        with contextlib.suppress(*_UNREADABLE):
            parsed = x509.load_pem_x509_certificate(block)
            found.append(Certificate(parsed.public_bytes(Encoding.DER), parsed))
    if not found:
        raise ValueError("there is none in PEM in it")
    return tuple(found)


def _short(text: str) -> str:
    return clean(text.lower(), _LONGEST_NAME)
