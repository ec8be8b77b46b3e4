"""Where an engine is, and whether it can be used. Starts no process."""

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from scangate.errors import ScangateError, UsageError
from scangate.home import engines_folder

PINS: Final = Path(__file__).parent.parent / "requirements"
MARKER: Final = "scangate-engine.json"
WARM_USER: Final = {"USER": "scangate", "LOGNAME": "scangate"}
"""Whose name the files in `warm` carry: an engine may be installed by one user and run by another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """`room`: bytes on the disk while it is installed. `warm_up`: Python that does what is slow the first time."""

    room: int
    warm_up: str


RECIPES: Final = {
    # The parse tables of Terraform's and of Bicep's grammar take 20 seconds.
    "checkov": Recipe(
        room=600 * 2**20, warm_up="import checkov.main, hcl2.parser; from checkov.bicep.parser import Parser; Parser()"
    ),
    "ssh-audit": Recipe(room=40 * 2**20, warm_up="import ssh_audit.ssh_audit"),
}
"""The engines there are."""


class EngineState(StrEnum):
    """OUTDATED: its pins, its recipe, or the Python it was made with are no longer the ones in use."""

    MISSING = "missing"
    OUTDATED = "outdated"
    CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine as it should be on this machine. `digest` is the sha256 of its pin file; `path` its environment."""

    name: str
    path: Path
    version: str
    digest: str
    state: EngineState

    @property
    def python(self) -> Path:
        """The interpreter that runs it: `python -I -m <module>`."""
        return self.path / "bin" / "python"

    @property
    def warm(self) -> Path:
        """A folder to copy to where TMPDIR will be; run it as WARM_USER says."""
        return self.path / "warm"


def names() -> tuple[str, ...]:
    """Every engine there is."""
    return tuple(sorted(RECIPES))


def locate(name: str, home: Path) -> Engine:
    """Say where an engine is or would be, and whether it can be used. Raises UsageError if there is no such engine."""
    if name not in RECIPES:
        raise UsageError(f"there is no engine {name!r}", advice=f"engines: {', '.join(names())}")
    version, digest = _pinned(name)
    folder = engines_folder(home) / name
    path = folder / digest[:16]
    state = EngineState.MISSING
    if said(path) == marker(name, path, digest):
        state = EngineState.CURRENT
    elif any(said(other) for other in installs(folder)):
        state = EngineState.OUTDATED
    return Engine(name=name, path=path, version=version, digest=digest, state=state)


def marker(name: str, path: Path, digest: str) -> dict[str, str]:
    """Give what a usable environment's marker says: an interpreter that moved on does not see its packages."""
    python = os.path.realpath(path / "bin" / "python")
    return {"pins": digest, "python": python, "warm_up": RECIPES[name].warm_up}


def said(path: Path) -> object:
    """What the marker of an environment says; None when there is none, or no interpreter."""
    with suppress(OSError, ValueError):
        return json.loads((path / MARKER).read_bytes()) if (path / "bin" / "python").exists() else None
    return None


def installs(folder: Path) -> list[Path]:
    """Every environment of an engine, whole or not."""
    return sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []


def _pinned(name: str) -> tuple[str, str]:
    """Version and sha256 that the pin file gives."""
    text = (PINS / f"{name}.txt").read_bytes()
    found = re.search(rf"(?m)^{re.escape(name)}==([^\s\\]+)", text.decode())
    if not found:
        raise ScangateError(f"requirements/{name}.txt does not pin {name}", advice="reinstall scangate")
    return found[1], hashlib.sha256(text).hexdigest()
