"""A second opinion by trivy, on images and SBOMs. See docs/scanners/trivy.md."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from scangate import process
from scangate.core.model import Item, Kind, Target
from scangate.errors import ScanError, ToolMissingError
from scangate.scanners import Context, Found, Need

_BAD: Final = frozenset({"0.69.4", "0.69.5", "0.69.6"})
"""Releases of March 2026 that stole credentials: CVE-2026-33634."""
_NEED: Final = Need(
    name="trivy",
    install="install trivy from your distribution or its releases, by digest; and `trivy image --download-db-only`",
    minimum="0.50.0",
    bad=_BAD,
)
_PATIENCE: Final = 20.0
"""Seconds for asking the program for its version."""


class Trivy:
    """Runs offline unless told otherwise: its database is whoever keeps it to download."""

    name = "trivy"
    summary = "a second opinion on the packages of images and SBOMs, by trivy (only when the config names it)"
    kinds = frozenset({Kind.IMAGE, Kind.SBOM})
    optional = True
    timeout = 600.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "update": {
                "type": "boolean",
                "default": False,
                "description": "Let trivy download its database first. Without, the one on the machine is used.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return (_NEED,)

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - trivy comes from the system
        """Ask the trivy on the PATH for its version, and take the digest of the program itself."""
        if not (path := process.which(need.name)):
            return None
        # Asking runs it: a release known to be malicious would have begun by then. Its digest is taken first, and the
        # environment holds no credentials (process.py).
        try:
            digest = digest_of(Path(path))
            said = process.run(
                (path, "version", "--format", "json"), deadline=time.monotonic() + _PATIENCE, max_output=2**16
            )
            version = json.loads(said.stdout)["Version"]
        except (ScanError, OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return Found(name=need.name, path=path, version=str(version)[:60].removeprefix("v"), digest=digest)

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.trivy.scan import scan

        if not (found := self.find(_NEED, ctx.home)):
            raise ToolMissingError("trivy is not installed, or does not say its version", advice=_NEED.install)
        yield from scan(found, target, ctx)


def digest_of(path: Path) -> str:
    """Return the sha256 of a program."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
