"""The client's half of SCRAM (RFC 5802, RFC 7677), which proves a password without telling it."""

import base64
import binascii
import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

from scangate.scanners.databases.conversation import LoginError, NotSpokenError

MOST_ROUNDS: Final = 1_000_000
"""Rounds of hashing that a server may ask for: about a second."""


class Scram:
    """One login. `hash_name` is sha256 or sha1. A server that does not know the password either is not believed."""

    def __init__(self, user: str, password: str, hash_name: str) -> None:
        # SASLprep, as far as passwords in use need it.
        self._password = unicodedata.normalize("NFKC", password) if hash_name == "sha256" else password
        self._hash = hash_name
        self._nonce = base64.b64encode(secrets.token_bytes(18)).decode()
        name = user.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={self._nonce}"
        self._expected = b""

    def first(self) -> bytes:
        return b"n,," + self._bare.encode()

    def final(self, server_first: bytes) -> bytes:
        """Answer the server's challenge. Raises NotSpokenError for one that is none."""
        fields = _fields(server_first)
        nonce, rounds = fields.get("r", ""), fields.get("i", "")
        if not nonce.startswith(self._nonce) or nonce == self._nonce or not rounds.isdecimal() or len(rounds) > 9:  # noqa: PLR2004
            raise NotSpokenError("its SCRAM challenge is broken")
        if not 1 <= int(rounds) <= MOST_ROUNDS:
            raise LoginError(f"not logged in: it asks for {rounds} rounds of SCRAM")
        try:
            salt = base64.b64decode(fields.get("s", ""), validate=True)
        except (binascii.Error, ValueError):
            raise NotSpokenError("its SCRAM challenge is broken") from None
        salted = hashlib.pbkdf2_hmac(self._hash, self._password.encode(), salt, int(rounds))
        key = hmac.digest(salted, b"Client Key", self._hash)
        without = f"c=biws,r={nonce}"
        message = f"{self._bare},{server_first.decode('utf-8', 'replace')},{without}".encode()
        signature = hmac.digest(hashlib.new(self._hash, key).digest(), message, self._hash)
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        self._expected = hmac.digest(hmac.digest(salted, b"Server Key", self._hash), message, self._hash)
        return f"{without},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, server_final: bytes) -> None:
        """Raise LoginError unless the server has proved that it knows the password too."""
        expected = base64.b64encode(self._expected).decode()
        if not self._expected or not hmac.compare_digest(
            _fields(server_final).get("v", "").encode(), expected.encode()
        ):
            raise LoginError("logged out: the server does not know the account's password")


def _fields(text: bytes) -> dict[str, str]:
    parts = text[:4096].decode("utf-8", "replace").split(",")
    return {name: value for name, _, value in (part.partition("=") for part in parts)}
