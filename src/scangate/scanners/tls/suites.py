"""Cipher suites: which there are, and what is wrong with one, by its name."""

from functools import cache
from pathlib import Path
from typing import Final

from scangate.scanners.tls.versions import Version

_FILE: Final = Path(__file__).with_name("suites.tsv")
_OPEN: Final = ("_NULL_", "_anon_", "_EXPORT")
_BROKEN: Final = ("_RC4_", "_DES_", "_DES40_", "_3DES_", "_RC2_", "_IDEA_")
_FOR_13: Final = range(0x1300, 0x1400)
_OTHERS_FOR_13: Final = frozenset({0x00C6, 0x00C7, 0xC0B4, 0xC0B5})
_RARE: Final = ("_ARIA_", "_CAMELLIA_", "_SEED_", "TLS_DH_DSS", "TLS_DH_RSA", "TLS_ECDH_", "_DSS_")


@cache
def names() -> dict[int, str]:
    """Every suite that is asked for."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {int(code, 16): name for code, name in pairs}


def name(code: int) -> str:
    return names().get(code, f"0x{code:04X}")


def protects_nothing(suite: str) -> bool:
    """No encryption, nobody proven, or keys short enough to be tried out."""
    return any(mark in suite for mark in _OPEN) or suite in {"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"}


def broken(suite: str) -> bool:
    """A cipher with known attacks: RC4, and those with blocks of 64 bits."""
    return protects_nothing(suite) or any(mark in suite for mark in _BROKEN)


def forward_secret(suite: str) -> bool:
    """Whether what was recorded stays secret when the server's key is stolen later."""
    return "_WITH_" not in suite or "DHE_" in suite or "_anon_" in suite


def chained(suite: str) -> bool:
    """Whether it uses CBC, with a MAC that is computed before encryption."""
    return "_CBC_" in suite


def signed_by(suite: str) -> str:
    """The kind of key that a suite of TLS 1.2 or older needs in the certificate: RSA, ECDSA, DSS, or none."""
    if "_anon_" in suite:
        return ""
    return next((kind for kind in ("ECDSA", "DSS") if f"_{kind}_" in suite), "RSA")


@cache
def valid_in(version: Version) -> tuple[int, ...]:
    """Suites that a version can use, the common ones first."""
    if version is Version.TLS13:
        return tuple(code for code in names() if code in _FOR_13 or code in _OTHERS_FOR_13)
    old = version < Version.TLS12
    fit = [
        code
        for code, suite in names().items()
        if code not in _FOR_13 and code not in _OTHERS_FOR_13 and not (old and not suite.endswith(("_SHA", "_MD5")))
    ]
    return tuple(sorted(fit, key=lambda code: any(mark in names()[code] for mark in _RARE)))


@cache
def groups(version: Version) -> tuple[tuple[int, ...], ...]:
    """The suites of a version in five groups, the worst first: each is asked for by itself."""
    ranked: tuple[list[int], ...] = ([], [], [], [], [])
    for code in valid_in(version):
        ranked[_rank(names()[code])].append(code)
    return tuple(map(tuple, ranked))


def _rank(suite: str) -> int:
    if protects_nothing(suite):
        return 0
    if broken(suite):
        return 1
    if not forward_secret(suite):
        return 2
    return 3 if chained(suite) else 4
