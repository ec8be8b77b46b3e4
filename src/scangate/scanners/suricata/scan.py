"""One file of events and those rotated beside it, read for one target."""

import json
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
from scangate.scanners.suricata.events import EVENTS

# `eve.json.1`, `eve.json-20261121.gz`, `eve.json.2026-11-21T10:00:00`
_ROTATED: Final = re.compile(r"(?:[.-][0-9][0-9T:.+-]{0,40})?(?:\.gz)?", re.ASCII)
_TYPE: Final = re.compile(rb'"event_type"\s*:\s*"([a-z0-9_]{1,40})"')


def scan(target: Target, ctx: Context) -> Iterator[Item]:
    """Yield what the events say of the target's hosts. Raises ScanError when there are none."""
    given = str(ctx.options["eve"])
    file = place(ctx.root, given)
    try:
        beside = [each for each in file.parent.iterdir() if _is_one_of(each, file)]
    except OSError:
        beside = []
    found = regular(iter(beside), file.parent)[:FILES]
    if not found:
        raise ScanError(f"{given!r} is not a file", advice="correct `eve` of suricata in scangate.yml")
    yield from read(found, _take, watch("suricata", target, ctx))


def _is_one_of(path: Path, file: Path) -> bool:
    return path.name.startswith(file.name) and bool(_ROTATED.fullmatch(path.name[len(file.name) :]))


def _take(found: Found, state: Watch) -> None:
    for line in state.reading.lines(found):
        # Most lines are of no use, and reading JSON is what takes time. Inside a text, its quotes would be escaped.
        kind = _TYPE.search(line)
        if kind and kind[1].decode() not in EVENTS:
            continue
        if line.strip() and not _event(line, state):
            state.cannot_read(found)


def _event(line: bytes, state: Watch) -> bool:
    """Take in one line; False when it is none of Suricata's."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(event, dict) or not isinstance(event.get("event_type"), str):
        return False
    when = moment(event.get("timestamp"))
    if when is None:
        return False
    take = EVENTS.get(event["event_type"])
    if take and state.period.takes(when):
        take(state, event, when)
    return True
