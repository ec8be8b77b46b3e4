"""Whether a chain leads from the server's certificate to an authority that is trusted, and if not, where it ends.

Signatures, validity, the right to sign, and the length of the path are checked; revocation, policies and name
constraints are not.
"""

import contextlib
import itertools
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

import certifi

from scangate.errors import ScanError
from scangate.scanners.tls.certificate import Certificate, bundle

LONGEST_PATH: Final = 10
_MOST_TRIED: Final = 20
"""Authorities of one name that are tried for one certificate."""
_LARGEST: Final = 8 * 2**20


class Fate(Enum):
    """SHORT: an issuer was neither sent, nor is it trusted. FOREIGN: it leads to an authority nobody here trusts.

    BROKEN: it leads through a certificate that must not sign, or not any more.
    """

    TRUSTED = "trusted"
    SHORT = "short"
    FOREIGN = "foreign"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a chain leads. `end`: the last certificate there; `public`: it is trusted without our being told."""

    fate: Fate
    end: Certificate
    why: str = ""
    public: bool = False
    ordered: bool = True


class Trust:
    """Authorities, by the name that issuers are called."""

    def __init__(self, public: Iterable[Certificate], own: Iterable[Certificate]) -> None:
        self._named: dict[bytes, list[tuple[Certificate, bool]]] = {}
        self._whole: dict[str, bool] = {}
        for certificates, is_public in ((own, False), (public, True)):
            for each in certificates:
                self._named.setdefault(_key(each), []).append((each, is_public))
                self._whole.setdefault(each.sha256, is_public)

    def holds(self, certificate: Certificate) -> bool:
        """Whether exactly this certificate is trusted."""
        return certificate.sha256 in self._whole

    def is_public(self, certificate: Certificate) -> bool:
        return self._whole.get(certificate.sha256, False)

    def issuers(self, certificate: Certificate) -> list[tuple[Certificate, bool]]:
        """Authorities that are called what this one's issuer is."""
        with contextlib.suppress(ValueError):
            return self._named.get(certificate.parsed.issuer.public_bytes(), [])
        return []


def trust(files: Sequence[str], root: Path) -> Trust:
    """Read the authorities: those of the system or of certifi, and the files a config names. Raises ScanError."""
    own: list[Certificate] = []
    for name in files:
        try:
            with (root / name).open("rb") as file:
                own += bundle(file.read(_LARGEST))
        except (OSError, ValueError) as error:
            raise ScanError(
                f"{name} holds no certificates that can be read: {getattr(error, 'strerror', None) or error}",
                advice="correct `trust` of the scanner tls in scangate.yml: files of certificates in PEM",
            ) from None
    return Trust(_public(), own)


def follow(chain: Sequence[Certificate], trusted: Trust, now: datetime) -> Way:
    """Go from the first certificate of a chain, which must not be empty, towards an authority."""
    here = chain[0]
    ordered = _in_order(chain)
    passed = {here.sha256}
    for below in range(LONGEST_PATH):
        if trusted.holds(here):
            return Way(fate=Fate.TRUSTED, end=here, public=trusted.is_public(here), ordered=ordered)
        for authority, public in trusted.issuers(here)[:_MOST_TRIED]:
            if here.issued_by(authority):
                return Way(fate=Fate.TRUSTED, end=authority, public=public, ordered=ordered)
        issuer = next((each for each in chain if each.sha256 not in passed and here.issued_by(each)), None)
        if issuer is None:
            return Way(fate=Fate.FOREIGN if here.names_itself else Fate.SHORT, end=here, ordered=ordered)
        if why := _must_not_sign(issuer, below, now):
            return Way(fate=Fate.BROKEN, end=issuer, why=why, ordered=ordered)
        passed.add(issuer.sha256)
        here = issuer
    return Way(fate=Fate.BROKEN, end=here, why=f"is more than {LONGEST_PATH} steps away", ordered=ordered)


def _must_not_sign(issuer: Certificate, below: int, now: datetime) -> str:
    """Why a certificate may not stand behind the one below it; `below` counts the authorities further down."""
    if not issuer.is_authority:
        return "is not the certificate of an authority"
    if issuer.path_length is not None and issuer.path_length < below:
        return f"allows {issuer.path_length} authorities below it, and there are {below}"
    if issuer.ends and issuer.ends < now:
        return f"expired on {issuer.ends.date()}"
    if issuer.begins and issuer.begins > now:
        return f"is valid from {issuer.begins.date()}"
    return ""


@cache
def _public() -> tuple[Certificate, ...]:
    """What browsers trust, and what this machine does."""
    files = {certifi.where(), ssl.get_default_verify_paths().cafile or ""} - {""}
    found: dict[str, Certificate] = {}
    for file in sorted(files):
        with contextlib.suppress(OSError, ValueError):
            found |= {each.sha256: each for each in bundle(Path(file).read_bytes())}
    return tuple(found.values())


def _in_order(chain: Sequence[Certificate]) -> bool:
    """Whether each certificate is followed by its issuer, as TLS 1.2 demands."""
    return all(one.issuer == two.subject for one, two in itertools.pairwise(chain))


def _key(certificate: Certificate) -> bytes:
    try:
        return certificate.parsed.subject.public_bytes()
    except ValueError:
        return b""
