"""What a search returns: everything about a secret but the secret."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

MOST: Final = 200
"""Secrets told apart in one text; a file with more is one big secret."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Hit:
    """Something secret. `line` is 1-based, `length` that of the value in bytes, never the value or a digest of it.

    `anchor` is what tells two of one kind in one text apart, and survives an edit elsewhere: the name of the variable.
    `certain`: its own check held, or nothing else looks like it. `guess`: told only by a name and a disordered value.
    """

    kind: str
    line: int
    length: int
    anchor: str = ""
    certain: bool = False
    guess: bool = False


def pack(hits: Iterable[Hit]) -> bytes:
    """Write hits as what an extractor keeps; empty when there are none."""
    kept = [asdict(each) for each in hits]
    return json.dumps(kept, separators=(",", ":")).encode() if kept else b""


def unpack(data: bytes) -> tuple[Hit, ...]:
    """Read what `pack` wrote. It may come from a cache on disk, so what is of another shape is no hit."""
    try:
        return tuple(Hit(**each) for each in json.loads(data))
    except (ValueError, TypeError, RecursionError):
        return ()
