"""What extractors keep: one JSON object for each file. It comes out of a cache, and is checked like any other input."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.core.model import Gap
from scangate.rootfs.files import Files

GAP: Final = "gap"
"""The key under which a reason stands why nothing could be kept.

Not raised, because a file that a distribution's package owns must not be a gap, and who owns it is known only later.
"""


def pack(facts: Mapping[str, Any]) -> bytes:
    """Write what is kept."""
    return json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")


def unpacked(files: Files, name: str) -> Iterator[tuple[str, str, dict[str, Any]] | Gap]:
    """Yield of each file its path, the digest of its layer and what was kept; a gap where there is only a reason."""
    for each in files.extracts(name):
        try:
            facts = json.loads(each.data)
        except (ValueError, RecursionError):
            facts = None
        if not isinstance(facts, dict):
            yield Gap(what=each.path, reason="what was kept of it is damaged: remove the cache, and scan again")
        elif isinstance(reason := facts.get(GAP), str):
            yield Gap(what=each.path, reason=reason)
        else:
            yield each.path, files.layer(each.layer).digest, facts


def rows(facts: Mapping[str, Any], key: str, width: int) -> list[list[str]]:
    """Return the rows of texts under a key. Raises ValueError when they are something else."""
    found = facts.get(key, [])
    if isinstance(found, list) and all(_is_row(each, width) for each in found):
        return found
    raise ValueError(f"{key} has another shape")


def text(facts: Mapping[str, Any], key: str) -> str:
    """Return the text under a key, empty when there is none."""
    value = facts.get(key, "")
    if isinstance(value, str):
        return value
    raise ValueError(f"{key} is no text")


def _is_row(row: Any, width: int) -> bool:
    return isinstance(row, list) and len(row) == width and all(isinstance(each, str) for each in row)
