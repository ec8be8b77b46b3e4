"""Where a finding points. GitHub refuses a whole upload for one location that is not a file of the repository.

So every result has a file and a line: the finding's own, else the line that declares its target, else (a target from
the command line) a path that stands for the target. What is really meant is the logical location.
"""

import posixpath
from typing import Any, Final
from urllib.parse import quote, unquote

from scangate.core.model import Decision, Finding, Location, Target
from scangate.core.text import clean
from scangate.reporters.outline import line, lines
from scangate.reporters.sarif import known
from scangate.reporters.sarif import objects as om

Spot = tuple[str, int, int]
"""A path of the repository, the first line, and the last."""
LONGEST: Final = 1_000
"""Characters of a path; a longer one is no file that a repository can hold."""
_KEPT: Final = "/!$&'()*+,;=@~"
"""What RFC 3986 allows in a path, without the colon: before the first slash it would make a scheme."""
_CODE: Final = 2_000


def own_spot(finding: Finding) -> Spot | None:
    """Return the finding's own lines in the repository, if it has any."""
    where = uri(finding.location.path)
    return (where, *_lines(finding.location)) if where else None


def target_spot(target: Target) -> Spot:
    """Return the line that declares the target, or the path that stands for it."""
    where = uri(target.declared_at.path)
    return (where, *_lines(target.declared_at)) if where else (f"targets/{_segment(target.id)}", 1, 1)


def subject_spot(decision: Decision) -> Spot:
    """Return a path that stands for what the finding is about, and for nothing else."""
    finding = decision.finding
    subject = quote(finding.subject[:LONGEST], safe=f"{_KEPT}:", errors="replace")
    path = f"targets/{_segment(finding.target)}/{subject}"
    segments = subject.split("/")
    if unquote(path) != f"targets/{finding.target}/{finding.subject}" or {"", ".", ".."} & set(segments):
        path = f"targets/{_segment(finding.target)}/{decision.fingerprint[:32]}"
    return path, 1, 1


def location(spot: Spot, finding: Finding, target: Target) -> Any:
    """Say where: a file with a line, and the resource."""
    path, start, end = spot
    mine = spot == own_spot(finding)
    return om.Location(
        physical_location=om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=path, uri_base_id="%SRCROOT%"),
            region=om.Region(start_line=start, end_line=end if end > start else None),
            context_region=_context(finding.location) if mine else None,
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


def _lines(where: Location) -> tuple[int, int]:
    start = max(1, where.line)
    return start, max(start, where.end_line)


def _context(where: Location) -> Any:
    """A few lines around the place, with what looks like a secret masked."""
    code, first = known.code(where)
    shown = lines(clean(code, _CODE), _CODE)
    if not shown or first < 1:
        return None
    return om.Region(start_line=first, end_line=first + shown.count("\n"), snippet=om.ArtifactContent(text=shown))
