"""How an account of MySQL or MariaDB proves that it knows its password, by the plugin that the server names."""

import hashlib
from collections.abc import Callable
from typing import Final

from scangate.scanners.databases.conversation import Conversation, LoginError
from scangate.scanners.databases.mysql import ed25519

FULL: Final = 4
"""What caching_sha2_password answers when it wants the password itself."""
Proof = Callable[[bytes, bytes], bytes]


def _native(password: bytes, challenge: bytes) -> bytes:
    inner = hashlib.sha1(password, usedforsecurity=False).digest()
    outer = hashlib.sha1(challenge[:20] + hashlib.sha1(inner, usedforsecurity=False).digest(), usedforsecurity=False)
    return _xor(inner, outer.digest())


def _sha2(password: bytes, challenge: bytes) -> bytes:
    inner = hashlib.sha256(password).digest()
    outer = hashlib.sha256(hashlib.sha256(inner).digest() + challenge[:20]).digest()
    return _xor(inner, outer)


PROOFS: Final[dict[str, Proof]] = {
    "mysql_native_password": _native,
    "caching_sha2_password": _sha2,
    "client_ed25519": ed25519.sign,
}
_TOLD: Final = frozenset({"mysql_clear_password", "sha256_password"})


def prove(plugin: str, password: str, challenge: bytes, conversation: Conversation) -> bytes:
    """Answer a challenge. Raises LoginError for a plugin that is not spoken here, or not safely."""
    if plugin in _TOLD:
        return tell(password, conversation)
    if plugin not in PROOFS:
        raise LoginError(f"not logged in: the account has the plugin {plugin[:40]!r}, which is not spoken here")
    return PROOFS[plugin](password.encode(), challenge) if password else b""


def tell(password: str, conversation: Conversation) -> bytes:
    """Tell the password itself, in TLS (or where the config allows it). Raises LoginError elsewhere."""
    if not conversation.may_tell:
        raise LoginError("not logged in: the account's plugin wants the password itself, and there is no TLS")
    return password.encode() + b"\0"


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
