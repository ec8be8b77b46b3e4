"""Which servers are believed to be who they are, before a password goes to them."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context

_ADVICE: Final = "correct `trust` of the scanner databases"
LARGEST: Final = 2**20
"""Bytes of a file of certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How TLS is made. `cleartext`: a password may go where there is no TLS."""

    tls: ssl.SSLContext
    cleartext: bool = False


def read_trust(ctx: Context) -> Trust:
    """Read the options. Raises ScanError for a file of certificates that cannot be read."""
    tls = ssl.create_default_context()
    for file in ctx.options.get("trust", ()):
        try:
            tls.load_verify_locations(cadata=_read(ctx.root / file, file))
        except (ssl.SSLError, ValueError) as error:
            raise ScanError(f"{file}: no certificates in PEM: {error}", advice=_ADVICE) from None
    if not ctx.options.get("verify", True):
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    return Trust(tls=tls, cleartext=bool(ctx.options.get("cleartext", False)))


def _read(path: Path, named: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise ScanError(f"{named}: {error.strerror}", advice=_ADVICE) from None
    if len(content) > LARGEST:
        raise ScanError(f"{named}: more than {LARGEST} bytes", advice="keep the authorities that sign your databases")
    return content.decode("ascii", "replace")
