"""One folder of logs, read for one target."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scangate.core.model import Item, Target
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.passive.files import FILES, Found, place, regular
from scangate.scanners.passive.moments import moment
from scangate.scanners.passive.watch import Watch, read, watch
from scangate.scanners.zeek.format import Rows
from scangate.scanners.zeek.logs import LOGS, Reader

_DEPTH: Final = 2
"""`current/conn.log`, `2026-11-21/conn.12:00:00-13:00:00.log.gz`."""
_LAID: Final = 100_000
"""Entries of folders that are looked at."""
# `conn-summary.log` is a table for people.
_NAME: Final = re.compile(rf"({'|'.join(LOGS)})(?:[._-](?!summary)[\w.:+-]{{1,100}})?\.log(?:\.gz)?", re.ASCII)


def scan(target: Target, ctx: Context) -> Iterator[Item]:
    """Yield what the logs say of the target's hosts. Raises ScanError when there are no logs."""
    given = str(ctx.options["logs"])
    folder = place(ctx.root, given)
    if not folder.is_dir():
        raise ScanError(f"{given!r} is not a folder", advice="correct `logs` of zeek in scangate.yml")
    found = regular(_logs(folder), folder)[:FILES]
    if not found:
        raise ScanError(f"there are no logs of Zeek in {given!r}", advice="name the folder that conn.log lies in")
    # Of what kind a log is decides first: certificates mean something only once it is known who showed them.
    ordered = sorted(found, key=lambda each: list(LOGS).index(_kind(each)))
    yield from read(ordered, _take, watch("zeek", target, ctx))


def _take(found: Found, state: Watch) -> None:
    rows = Rows()
    reader = Reader(watch=state, rows=rows)
    kind = _kind(found)
    for row in rows.read(state.reading.lines(found)):
        when = moment(row.get("ts")) if row else None
        take = LOGS.get(rows.path or kind)
        if row is None or when is None:
            state.cannot_read(found)
        elif take and state.period.takes(when):
            take(reader, row, when)


def _kind(found: Found) -> str:
    match = _NAME.fullmatch(Path(found.name).name)
    return match[1] if match else ""


def _logs(folder: Path) -> Iterator[Path]:
    laid = 0
    for here, folders, files in os.walk(folder):
        depth = len(Path(here).relative_to(folder).parts)
        folders[:] = sorted(folders) if depth < _DEPTH else []
        for name in sorted(files):
            laid += 1
            if laid > _LAID:
                return
            if _NAME.fullmatch(name):
                yield Path(here) / name
