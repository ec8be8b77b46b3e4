"""Which file and line of the repository a finding is shown at, for receivers that know nothing but files.

The finding's own, else the line that declares its target, else (a target from the command line) a path that stands for
the target. SARIF chooses alike, see sarif/places.py; here a path is text, there a URI.
"""

import hashlib
import posixpath
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from scangate.core.model import Finding, Location, Target
from scangate.reporters.outline import line

LONGEST: Final = 1_000
"""Characters of a path; a longer one is no file that a repository can hold."""
_SEGMENT: Final = 200
LARGEST: Final = 2**31 - 1
"""The largest number of a line; receivers keep it in 32 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file of the repository and its lines, from 1. `real` is False for a path that only stands for a target."""

    path: str
    line: int
    end_line: int
    real: bool = True


def place_of(finding: Finding, target: Target) -> Place:
    """Say where a finding is shown."""
    return _at(finding.location) or declared(target)


def declared(target: Target) -> Place:
    """Say where a target is shown, for what concerns all of it."""
    stand_in = Place(path=f"targets/{segment(target.id)}", line=1, end_line=1, real=False)
    return _at(target.declared_at) or stand_in


def segment(name: str) -> str:
    """One segment of a path for any name, and never the same for two. Receivers look for dots after decoding."""
    quoted = quote(name, safe="", errors="backslashreplace") or "_"
    if quoted.strip(".") and len(quoted) <= _SEGMENT:
        return quoted
    return f"{quoted[:_SEGMENT].replace('.', '_')}-{hashlib.sha256(quoted.encode()).hexdigest()[:12]}"


def _at(where: Location) -> Place | None:
    path = posixpath.normpath(where.path) if where.path else ""
    if not path or len(path) > LONGEST or path.startswith("/") or path.split("/")[0] in {".", ".."}:
        return None
    if line(path, LONGEST) != path:  # hidden characters, line ends: nothing that could be opened by this name
        return None
    start = min(max(1, where.line), LARGEST)
    return Place(path=path, line=start, end_line=min(max(start, where.end_line), LARGEST))
