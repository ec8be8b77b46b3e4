"""From one record of checkov's to a finding. Pure. No value and no line of code is kept: they may hold secrets."""

import hashlib
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scangate.core.model import Confidence, Evidence, Finding, Fix, Location
from scangate.scanners.checkov.severity import rate

Record = Mapping[str, Any]
_NOISE: Final = re.compile(r"\.?CKV\w*\[\d+:\d+\]$")
"""Some frameworks end a resource with the check and its lines, which a new line above would change."""
_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]|[^/]*\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The real, absolute folders of a scan: the repository's root, and what was scanned. Empty for a foreign report."""

    root: str = ""
    base: str = ""

    def name(self, path: str) -> str:
        """An absolute path as a reader wants it: relative to the root if it lies below it, else to what was scanned."""
        if not self.base or not path.startswith("/"):
            return path
        return posixpath.relpath(path, self.root if self.holds(path) else self.base)

    def holds(self, path: str) -> bool:
        """Whether an absolute path is a file of the repository."""
        return path.startswith(self.root.rstrip("/") + "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """What one or more records are about: `path` to name it by, `shown` to point at ("" outside of the repository)."""

    check: str
    path: str
    shown: str
    resource: str
    lines: tuple[int, int]


def spot(kind: str, record: Record, place: Place) -> Spot:
    """Say where a record belongs. Raises KeyError, TypeError or ValueError when it is not a record."""
    path = place.name(absolute(record)) if place.base else _portable(str(record["file_path"]))
    shown = path if not place.base or place.holds(absolute(record)) else ""
    resource = _resource(kind, record, path)
    return Spot(check=str(record["check_id"]), path=path, shown=shown, resource=resource, lines=_lines(record))


def absolute(record: Record) -> str:
    """The file of a record, as checkov has it; older versions give only its path below the scanned folder."""
    return str(record.get("file_abs_path") or record["file_path"])


def make(at: Spot, seen: Sequence[tuple[str, Record]], target: str, place: Place) -> Finding:
    """Make the finding for records that are about the same spot; the first one's words are used."""
    kind, record = seen[0]
    secret = kind == "secrets"
    title = str(record.get("check_name") or at.check)
    where = f"{at.resource} in {at.path}" if at.resource and not secret else at.path
    severity, source = rate(at.check, _word(record.get("severity")))
    guide = str(record.get("guideline") or "")
    line, end = at.lines if at.shown else (0, 0)
    evidence = dict.fromkeys(Evidence(source="checkov", facts=_facts(kind, each, at.resource)) for kind, each in seen)
    return Finding(
        rule=at.check,
        target=target,
        subject=f"{at.path}#{at.resource}" if at.resource else at.path,
        title=f"Secret in the repository: {title}" if secret else title,
        severity=severity,
        severity_source=source,
        location=Location(path=at.shown, line=line, end_line=line if secret else end, logical=at.resource),
        message=_message(where, title, record, place, secret=secret),
        seen_by=("checkov",),
        help_uri=guide if guide.startswith("https://") else "",
        fix=Fix(summary=_fix(where, secret=secret)),
        cwes=("CWE-798",) if secret else (),
        confidence=Confidence.FIRM if secret else Confidence.CONFIRMED,
        evidence=tuple(evidence),
    )


def _message(where: str, title: str, record: Record, place: Place, *, secret: bool) -> str:
    if secret:
        return (
            f"{where} holds what looks like a secret ({title}). Whoever can read the repository or its history has it."
        )
    caller = str(record.get("caller_file_path") or "").lstrip("/")
    parts = [f"{where} does not meet {record['check_id']}: {title}."]
    if caller:
        parts.append(f"It is part of a module that {place.name(posixpath.join(place.base, caller))} calls.")
    return " ".join([*parts, *map(str, record.get("details") or ())])


def _fix(where: str, *, secret: bool) -> str:
    """Name the resource, not the check: all that is wrong with one resource is mended in one go."""
    if secret:
        return f"revoke the secret in {where}, and hand its successor over at run time"
    return f"correct {where}"


def _facts(kind: str, record: Record, resource: str) -> tuple[tuple[str, str], ...]:
    result = record.get("check_result") or {}
    facts = {
        "framework": kind,
        "check": record["check_id"],
        "class": record.get("check_class"),
        "resource": resource,
        "evaluated keys": ", ".join(sorted(map(str, result.get("evaluated_keys") or ()))),
        "skipped in the file": result.get("suppress_comment"),
    }
    return tuple((name, str(value)) for name, value in facts.items() if value)


def _resource(kind: str, record: Record, path: str) -> str:
    """What in the file breaks the rule, without the file and without lines."""
    resource = str(record.get("resource") or "")
    if kind == "secrets":
        # Checkov names a secret by its bare SHA-1. This tells two secrets apart as well, and is in no list of hashes.
        salted = f"{path}#{resource}".encode(errors="replace")
        return f"secret-{hashlib.sha256(salted).hexdigest()[:12]}"
    for prefix in (record.get("file_abs_path"), record.get("file_path")):
        if prefix and resource.startswith(prefix):
            resource = resource[len(prefix) :].lstrip(".")
    return _NOISE.sub("", resource)


def _portable(path: str) -> str:
    """A path of a foreign report: relative, with `/`, without a drive and without leaving its folder."""
    if _WINDOWS.match(path):
        path = path.replace("\\", "/")
    parts = re.sub(r"^[A-Za-z]:", "", path).split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."})


def _lines(record: Record) -> tuple[int, int]:
    """First and last line, 1-based; (0, 0) when checkov does not know them."""
    first, last = (max(0, int(line)) for line in record.get("file_line_range") or (0, 0))
    return (max(1, first), last) if last >= max(1, first) else (first, first)


def _word(severity: object) -> str | None:
    name = severity.get("name") if isinstance(severity, dict) else severity
    return name if isinstance(name, str) else None
