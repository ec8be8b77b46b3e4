"""Greetings of our own: OpenSSL no longer offers what we have to ask for, and offers what we have not."""

import ipaddress
import os
from collections.abc import Iterable, Mapping
from typing import Final

from scangate.scanners.tls.versions import Version

_SCSV: Final = 0x00FF
_FALLBACK: Final = 0x5600
_GROUPS: Final = (29, 23, 24, 25, 30, 22, 21, 19, 256, 257, 258)
"""x25519, NIST's curves, x448, old curves of 256, 224 and 192 bits, and the finite fields of RFC 7919."""
_SIGNATURES: Final = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601,
    0x0402, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101,
)  # fmt: skip
_AWKWARD: Final = range(256, 512)
"""Lengths of a greeting at which some load balancers hang (RFC 7685)."""


def client_hello(
    version: Version,
    suites: Iterable[int],
    *,
    name: str = "",
    versions: Iterable[Version] = (),
    shares: Mapping[int, bytes] | None = None,
    fallback: bool = False,
    curious: bool = False,
    protocols: tuple[bytes, ...] = (),
) -> bytes:
    """Write a ClientHello as one record. `version` is the best that is offered.

    `versions`: all that are offered, where it is not `version` alone. `shares`: public keys by group, for TLS 1.3.
    `fallback`: claim to have been refused with something better. `curious`: also ask for compression, for what can
    come with a certificate, and for heartbeats. `protocols` of the application are offered by ALPN.
    """
    modern = version is Version.TLS13
    numbers = (*suites, *((_SCSV,) if version is Version.SSL3 else ()), *((_FALLBACK,) if fallback else ()))
    head = (
        min(version, Version.TLS12).to_bytes(2)
        + os.urandom(32)
        + _block(1, os.urandom(32) if modern else b"")
        + _block(2, _numbers(numbers))
        + _block(1, b"\x01\x00" if curious and not modern else b"\x00")
    )
    if version is Version.SSL3:
        return _record(version, head)
    said = _extensions(version, name, tuple(versions), shares or {})
    if curious:
        said += [(5, b"\x01\x00\x00\x00\x00"), (18, b""), (15, b"\x01")]
    if protocols:
        said.append((16, _block(2, b"".join(_block(1, protocol) for protocol in protocols))))
    body = head + _block(2, _written(said))
    if len(body) + 4 in _AWKWARD:
        said.append((21, bytes(max(1, _AWKWARD.stop - len(body) - 8))))
        body = head + _block(2, _written(said))
    return _record(version, body)


def handshake(record: bytes) -> bytes:
    """Give the message inside a record that was made here."""
    return record[5:]


def _record(version: Version, body: bytes) -> bytes:
    return b"\x16" + min(version, Version.TLS10).to_bytes(2) + _block(2, b"\x01" + _block(3, body))


def _extensions(
    version: Version, name: str, versions: tuple[Version, ...], shares: Mapping[int, bytes]
) -> list[tuple[int, bytes]]:
    made: list[tuple[int, bytes]] = []
    if name and not _is_address(name):
        made.append((0, _block(2, b"\x00" + _block(2, name.encode("ascii", "ignore")))))
    made += [(10, _block(2, _numbers(_GROUPS))), (11, _block(1, b"\x00"))]
    if version >= Version.TLS12:
        made.append((13, _block(2, _numbers(_SIGNATURES))))
    if version is Version.TLS13:
        keys = b"".join(group.to_bytes(2) + _block(2, key) for group, key in shares.items())
        made += [(43, _block(1, _numbers(versions or (version,)))), (45, b"\x01\x01"), (51, _block(2, keys))]
    if version is not Version.TLS13 or versions:
        made.append((0xFF01, b"\x00"))
    return made


def _written(said: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(number.to_bytes(2) + _block(2, content) for number, content in said)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _numbers(numbers: Iterable[int]) -> bytes:
    return b"".join(number.to_bytes(2) for number in numbers)


def _block(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size) + content
