"""Where a finding points. GitHub refuses a whole upload for one location that is not a file of the repository.

So every result has a file and a line: the finding's own, else the line that declares its target, else (a target from
the command line) a path that stands for the target. What is really meant is the logical location.
"""

import posixpath
from typing import Any, Final
from urllib.parse import quote

from scangate.core.model import Finding, Location, Target
from scangate.reporters.outline import line
from scangate.reporters.sarif import objects as om

LONGEST: Final = 1_000
"""Characters of a path; a longer one is no file that a repository can hold."""
_KEPT: Final = "/!$&'()*+,;=@~"
"""What RFC 3986 allows in a path, without the colon: before the first slash it would make a scheme."""


def place(finding: Finding, target: Target) -> Any:
    """Say where: a file with a line, and the resource."""
    own = finding.location
    where = uri(own.path)
    if not where:
        own, where = target.declared_at, uri(target.declared_at.path)
    if not where:
        own, where = Location(line=1), f"targets/{_segment(target.id)}"
    return om.Location(
        physical_location=om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=where, uri_base_id="%SRCROOT%"), region=_region(own)
        ),
        logical_locations=[
            om.LogicalLocation(
                fully_qualified_name=line(finding.location.logical or finding.subject) or line(target.id) or "-",
                kind="resource",
            )
        ],
    )


def uri(path: str) -> str:
    """Spell a path of the repository as a relative reference; empty when it is none or leads out of the repository."""
    if not path or len(path) > LONGEST or path.startswith("/"):
        return ""
    plain = posixpath.normpath(path)
    return "" if plain.split("/")[0] in {".", ".."} else quote(plain, safe=_KEPT, errors="replace")


def _segment(target: str) -> str:
    """One segment for any id. Receivers decode before they look for folders, so no part may be a dot or two."""
    parts = target[:LONGEST].split("/")
    name = "/".join("_" * len(part) if part in {".", ".."} else part for part in parts)
    return quote(name, safe="", errors="replace") or "_"


def _region(where: Location) -> Any:
    start = max(1, where.line)
    return om.Region(start_line=start, end_line=where.end_line if where.end_line > start else None)
