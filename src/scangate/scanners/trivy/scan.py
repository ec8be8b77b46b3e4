"""One target: the database, the run, and what its end means.

| what trivy left | meaning |
|---|---|
| exit code 0 and a report | what it found: `--exit-code 0`, so findings never decide the code |
| exit code 0 and no report, or one cut off | a failure |
| any other exit code, or a signal | a failure: its last words say why; a missing database has its own advice |
"""

import json
import re
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from scangate import process
from scangate.core.model import Data, Item, Note, Target, Tool
from scangate.errors import ScanError
from scangate.scanners import Context, Found
from scangate.scanners.trivy.command import command, environment
from scangate.scanners.trivy.parse import parse

DATABASE: Final = "trivy-db"
UPDATE: Final = "run `trivy image --download-db-only` (and --download-java-db-only), or set scanners.trivy.update: true"
_NO_DATABASE: Final = re.compile(r"first run|cannot skip downloading|DB error|database error", re.IGNORECASE)
_WARNED: Final = re.compile(r"\bWARN\b\s+(.*)")
_HARMLESS: Final = ("Using severities from other vendors", "Provide a higher-level", "We recommend")
_NOTES: Final = 20


def scan(found: Found, target: Target, ctx: Context) -> Iterator[Item]:
    """Run it. What is known is yielded before any ScanError is raised."""
    update = ctx.options.get("update", False) is True
    yield Tool(name=found.name, version=found.version, digest=found.digest)
    argv = command(found.path, target, ctx.root, ctx.remaining, update=update)
    with TemporaryDirectory(prefix="scangate-trivy-") as folder:
        ctx.tell(f"asking trivy about {target.address}")
        done = process.run(argv, deadline=ctx.deadline, cwd=Path(folder), env=environment(update=update))
        yield from _data(found, Path(folder), ctx)
    _check(done)
    said = done.stderr.decode(errors="replace")
    yield from (Note(text=f"trivy: {text}") for text in _warnings(said))
    yield from parse(done.stdout, target.id, ctx.check)


def _data(found: Found, folder: Path, ctx: Context) -> Iterator[Data]:
    """Ask after the scan, which may have updated it. The age is that of the data, not of the download."""
    argv = (found.path, "version", "--format", "json")
    done = process.run(
        argv, deadline=min(ctx.deadline, time.monotonic() + 20), cwd=folder, env=environment(update=False)
    )
    try:
        said = json.loads(done.stdout)
        known = said.get("VulnerabilityDB") or {}
        java = said.get("JavaDB") or {}
        yield Data(name=DATABASE, as_of=_day(known.get("UpdatedAt")), version=str(known.get("Version", "")))
        if java:
            yield Data(name="trivy-java-db", as_of=_day(java.get("UpdatedAt")), version=str(java.get("Version", "")))
    except (ValueError, AttributeError, TypeError, RecursionError):
        yield Data(name=DATABASE, as_of=None)


def _day(text: Any) -> date | None:
    try:
        return datetime.fromisoformat(str(text)[:10]).date()
    except ValueError:
        return None


def _check(done: process.Completed) -> None:
    said = done.stderr.decode(errors="replace")
    if done.returncode and _NO_DATABASE.search(said):
        raise ScanError("trivy has no database of vulnerabilities on this machine", advice=UPDATE)
    if done.returncode:
        how = f"exit code {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
        raise ScanError(f"trivy ended with {how}: {done.complaint or 'it said nothing'}", advice="run it by hand")
    if done.truncated:
        raise ScanError("trivy's report is larger than is read", advice="switch trivy off for this target")


def _warnings(said: str) -> tuple[str, ...]:
    lines = (match[1].strip() for match in _WARNED.finditer(re.sub(r"\x1b\[[0-9;]*m", "", said[-(2**16) :])))
    return tuple(dict.fromkeys(each for each in lines if not each.startswith(_HARMLESS)))[:_NOTES]
