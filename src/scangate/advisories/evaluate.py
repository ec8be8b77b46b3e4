"""Is this version affected? The evaluation algorithm of the OSV specification.

https://ossf.github.io/osv-schema/#evaluation. A version is affected when it is listed, or lies in one of the ranges.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from scangate.advisories.osv import Affected, Event
from scangate.advisories.versions import Key, scheme

_BEFORE_ALL: Final = ""
"""The key of `introduced: 0`: every scheme's keys sort after it."""
_TIES: Final = ("fixed", "introduced", "last_affected")
"""At one version: `introduced 1, fixed 2, introduced 2, fixed 3` goes on, whatever the order it is written in."""
_LISTED: Final = "listed among the affected versions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Why a version is affected. `fixed`: the lowest version that ends the range it lies in; empty if none does."""

    range: str
    fixed: str = ""


def affected(version: str, entry: Affected) -> Match | None:
    """Evaluate one entry. Raises ValueError when the version is none of the ecosystem's and is not listed either."""
    listed = version in entry.versions
    key = scheme(entry.ecosystem) or _unordered
    try:
        own = key(version)
    except ValueError:
        if listed:
            return Match(range=_LISTED)
        raise
    found = [match for events in entry.ranges if (match := _within(own, events, key))]
    if found:
        # Only what ends every range that it lies in clears it.
        fixed = max((each.fixed for each in found), key=key) if all(each.fixed for each in found) else ""
        return Match(range="; ".join(dict.fromkeys(each.range for each in found)), fixed=fixed)
    if listed or _is_among(own, entry.versions, key):
        return Match(range=_LISTED, fixed=_next_fix(own, entry, key))
    return None


def upgrade(version: str, entries: Iterable[Affected]) -> str:
    """Find the lowest version above this one at which no entry with a fix applies; empty when none applies now.

    Whatever clears an entry is at least its fix, so the highest of the fixes is the least candidate; it is looked at
    again, because it may lie in another range.
    """
    entries = tuple(entries)
    now = version
    while fixes := [match.fixed for each in entries if (match := affected(now, each)) and match.fixed]:
        key = scheme(entries[0].ecosystem)
        now = max(sorted(fixes), key=key)
    return now if now != version else ""


def _unordered(_version: str) -> str:
    raise ValueError("the order of this ecosystem's versions is not known")


def _within(own: str, events: tuple[Event, ...], key: Key) -> Match | None:
    limits = [event.version for event in events if event.kind == "limit"]
    if limits and not any(limit == "*" or own < key(limit) for limit in limits):
        return None
    moving = (event for event in _without_empty(events) if event.kind in _TIES)
    ordered = sorted((_position(event, key), _TIES.index(event.kind), event) for event in moving)
    start: Event | None = None
    end: Event | None = None
    end_position = ""
    for position, _tie, event in ordered:
        if event.kind == "introduced":
            if own >= position:
                start = start or event
            elif position == end_position:
                end = None  # it goes on from there
        elif own > position or (own == position and event.kind == "fixed"):
            start = None
        elif end is None:
            end, end_position = event, position
    if start is None:
        return None
    fixed = end.version if end and end.kind == "fixed" else ""
    closing = f"{end.kind.replace('_', ' ')} {end.version}" if end else "not fixed"
    return Match(range=f"introduced {start.version}, {closing}", fixed=fixed)


def _without_empty(events: tuple[Event, ...]) -> Iterator[Event]:
    """Leave out `introduced 2, fixed 2`, which holds no version."""
    skip = False
    for event, following in zip(events, (*events[1:], None), strict=True):
        is_empty = event.kind == "introduced" and following == Event(kind="fixed", version=event.version)
        if not (is_empty or skip):
            yield event
        skip = is_empty


def _position(event: Event, key: Key) -> str:
    return _BEFORE_ALL if (event.kind, event.version) == ("introduced", "0") else key(event.version)


def _is_among(own: str, versions: Iterable[str], key: Key) -> bool:
    """Listed under another spelling (1.0 for 1.0.0). Old versions that the scheme cannot order are equal to none."""
    for each in versions:
        try:
            if key(each) == own:
                return True
        except ValueError:
            continue
    return False


def _next_fix(own: str, entry: Affected, key: Key) -> str:
    """Of a version that is listed though no range holds it: the lowest fix above it."""
    fixes = [
        event.version
        for events in entry.ranges
        for event in events
        if event.kind == "fixed" and key(event.version) > own
    ]
    return min(sorted(fixes), key=key, default="")
