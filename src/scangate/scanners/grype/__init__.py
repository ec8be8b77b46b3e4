"""A second opinion by grype, on images and SBOMs. See docs/scanners/grype.md."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from scangate import process
from scangate.core.model import Item, Kind, Target
from scangate.errors import ScanError, ToolMissingError
from scangate.scanners import Context, Found, Need

_NEED: Final = Need(
    name="grype",
    install="install grype from its releases, by digest; and `grype db update`",
    minimum="0.88.0",  # before, its database is of a schema that is no longer published
)
_VERSION: Final = re.compile(r"^(?:Version:\s*|grype\s+)v?([0-9][0-9A-Za-z.+-]{0,40})", re.MULTILINE)
_PATIENCE: Final = 20.0
"""Seconds for asking the program for its version."""


class Grype:
    """Runs offline unless told otherwise: its database is whoever keeps it to download."""

    name = "grype"
    summary = "a second opinion on the packages of images and SBOMs, by grype (only when the config names it)"
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
                "description": "Let grype download its database first. Without, the one on the machine is used.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return (_NEED,)

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - grype comes from the system
        """Ask the grype on the PATH for its version, and take the digest of the program itself."""
        if not (path := process.which(need.name)):
            return None
        try:
            with Path(path).open("rb") as file:
                digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
            env = {"GRYPE_CHECK_FOR_APP_UPDATE": "false"}
            said = process.run((path, "version"), deadline=time.monotonic() + _PATIENCE, max_output=2**16, env=env)
        except (ScanError, OSError):
            return None
        version = _VERSION.search(said.stdout.decode(errors="replace"))
        return Found(name=need.name, path=path, version=version[1], digest=digest) if version else None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.grype.scan import scan

        if not (found := self.find(_NEED, ctx.home)):
            raise ToolMissingError("grype is not installed, or does not say its version", advice=_NEED.install)
        yield from scan(found, target, ctx)
