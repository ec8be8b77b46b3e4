"""How a version stands to the ranges of an entry, in words."""

from collections.abc import Iterator
from typing import Final

from scangate.advisories.osv import Affected, Event
from scangate.advisories.versions import Key, scheme

MAX_STEPS: Final = 50
_START: Final = Event(kind="introduced", version="0")
_WORDS: Final = {"introduced": "introduced", "fixed": "fixed", "last_affected": "last affected", "limit": "limit"}


def steps(version: str, entry: Affected) -> Iterator[str]:
    """Compare with each version of the ranges: `at or above introduced 1.0`, `below fixed 1.2`."""
    key = scheme(entry.ecosystem)
    own = _key(version, key)
    if key is None or own is None:
        return
    events = dict.fromkeys(event for events in entry.ranges for event in events if event != _START)
    for event in list(events)[:MAX_STEPS]:
        if (position := _key(event.version, key)) is not None:
            word = "equal to" if own == position else "above" if own > position else "below"
            yield f"{word} {_WORDS[event.kind]} {event.version}"


def outside(version: str, entry: Affected) -> str:
    """Say of a version that is not affected where it lies: the nearest event below it, in each range."""
    key = scheme(entry.ecosystem)
    own = _key(version, key)
    if not entry.ranges or key is None or own is None:
        return f"it is none of the {len(entry.versions)} versions that are listed"
    found = dict.fromkeys(_place(own, events, key) for events in entry.ranges)
    return "; ".join(found)


def _place(own: str, events: tuple[Event, ...], key: Key) -> str:
    below = [
        (position, event.kind != "introduced", event)
        for event in events
        if (position := "" if event == _START else _key(event.version, key)) is not None and position <= own
    ]
    if not below:
        first = min(
            (event for event in events if event.kind == "introduced"), key=lambda each: _key(each.version, key) or ""
        )
        return f"it is below {first.version}, which introduced it"
    _position, _rank, event = max(below)
    if event.kind == "fixed":
        return f"it is not below {event.version}, which fixed it"
    if event.kind == "last_affected":
        return f"it is above {event.version}, the last that is affected"
    return (
        "it is outside of the limits of the range" if any(each.kind == "limit" for each in events) else "it is outside"
    )


def _key(version: str, key: Key | None) -> str | None:
    try:
        return key(version) if key else None
    except ValueError:
        return None
