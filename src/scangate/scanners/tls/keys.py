"""The part of TLS 1.3 that hides the certificate: key shares, the key schedule, and opening the server's records.

Nothing is verified here and nothing is sent under these keys: a server's handshake is read up to its certificate.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scangate.scanners.tls.answer import KEY_SHARE, Reader, ServerHello
from scangate.scanners.tls.stream import MalformedError
from scangate.scanners.tls.wire import Opener

_CURVES: Final[dict[int, type[ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1]]] = {
    23: ec.SECP256R1,
    24: ec.SECP384R1,
    25: ec.SECP521R1,
}
_X25519, _X448 = 29, 30
_SUITES: Final = {
    0x1301: ("sha256", 16, "gcm"),
    0x1302: ("sha384", 32, "gcm"),
    0x1303: ("sha256", 32, "chacha"),
    0x1304: ("sha256", 16, "ccm"),
    0x1305: ("sha256", 16, "ccm8"),
}


class _Aead(Protocol):
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Share:
    """One key pair: what is sent, and what makes the shared secret of the server's half."""

    public: bytes
    agree: Callable[[bytes], bytes]


class Shares:
    """A key pair for each group, so that a server that knows one of them has no need to ask again."""

    def __init__(self, *, all_groups: bool) -> None:
        self._held = {_X25519: _x25519()}
        if all_groups:
            self._held |= {_X448: _x448()} | {number: _on_curve(curve()) for number, curve in _CURVES.items()}

    @property
    def public(self) -> dict[int, bytes]:
        return {group: share.public for group, share in self._held.items()}

    def unlock(self, greeting: bytes, hello: ServerHello, raw: bytes) -> Opener:
        """Make what opens the records that follow. `greeting` is our message. Raises MalformedError."""
        if hello.suite not in _SUITES or KEY_SHARE not in hello.extensions:
            raise MalformedError("chose a suite or a key of TLS 1.3 that is not known here")
        reader = Reader(hello.extensions[KEY_SHARE])
        group, theirs = reader.number(2), reader.block(2).rest()
        if group not in self._held:
            raise MalformedError("answered with a key that was not offered")
        try:
            secret = self._held[group].agree(theirs)
        except ValueError:
            raise MalformedError("answered with a key that is none") from None
        digest, length, kind = _SUITES[hello.suite]
        said = greeting + b"\x02" + len(raw).to_bytes(3) + raw
        traffic = _handshake_secret(digest, secret, hashlib.new(digest, said).digest())
        key = _expand(digest, traffic, b"key", b"", length)
        return _Opening(_aead(kind, key), _expand(digest, traffic, b"iv", b"", 12))


class _Opening:
    """Opens one record after the other."""

    def __init__(self, aead: _Aead, vector: bytes) -> None:
        self._aead = aead
        self._vector = int.from_bytes(vector)
        self._number = 0

    def __call__(self, header: bytes, body: bytes) -> tuple[int, bytes]:
        nonce = (self._vector ^ self._number).to_bytes(12)
        self._number += 1
        try:
            plain = self._aead.decrypt(nonce, body, header).rstrip(b"\0")
        except (InvalidTag, ValueError):
            raise MalformedError("sent a record that its own key does not open") from None
        if not plain:
            raise MalformedError("sent an empty record")
        return plain[-1], plain[:-1]


def _handshake_secret(digest: str, secret: bytes, transcript: bytes) -> bytes:
    """The secret under which a server sends its handshake (RFC 8446, 7.1)."""
    zero = bytes(hashlib.new(digest).digest_size)
    early = hmac.digest(zero, zero, digest)
    derived = _expand(digest, early, b"derived", hashlib.new(digest).digest(), len(zero))
    return _expand(digest, hmac.digest(derived, secret, digest), b"s hs traffic", transcript, len(zero))


def _expand(digest: str, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """HKDF-Expand-Label; no output here is longer than one block of the hash."""
    full = b"tls13 " + label
    info = length.to_bytes(2) + bytes((len(full),)) + full + bytes((len(context),)) + context
    return hmac.digest(secret, info + b"\x01", digest)[:length]


def _aead(kind: str, key: bytes) -> _Aead:
    if kind == "gcm":
        return AESGCM(key)
    if kind == "chacha":
        return ChaCha20Poly1305(key)
    return AESCCM(key, tag_length=8 if kind == "ccm8" else 16)


def _x25519() -> Share:
    own = x25519.X25519PrivateKey.generate()
    public = own.public_key().public_bytes_raw()
    return Share(public, lambda data: own.exchange(x25519.X25519PublicKey.from_public_bytes(data)))


def _x448() -> Share:
    own = x448.X448PrivateKey.generate()
    public = own.public_key().public_bytes_raw()
    return Share(public, lambda data: own.exchange(x448.X448PublicKey.from_public_bytes(data)))


def _on_curve(curve: ec.EllipticCurve) -> Share:
    own = ec.generate_private_key(curve)
    public = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Share(
        public, lambda data: own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, data))
    )
