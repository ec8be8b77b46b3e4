"""The files that results point at. They are whoever's: no link is followed, and nothing large is read."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from scangate.reporters.sarif.line_hash import line_hashes

LARGEST: Final = 8 * 2**20
"""Bytes of a file whose lines are counted."""
_MOST: Final = 20_000
"""Files that are remembered."""


class State(StrEnum):
    """What is at a path."""

    FILE = "a file"
    MISSING = "no file of the repository"
    LINK = "behind a symbolic link"
    LARGE = "too large to look into"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`lines` is 0 unless it is a file that was read."""

    state: State
    lines: int = 0


@dataclass(slots=True)
class Repository:
    """A folder that holds what was scanned."""

    root: Path
    _seen: dict[str, Seen] = field(default_factory=dict)
    _hashes: tuple[str, Mapping[int, str]] = ("", {})

    def look(self, uri: str) -> Seen:
        """Say what is at a relative reference."""
        if uri not in self._seen:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            state, content = self._read(uri)
            self._seen[uri] = Seen(state=state, lines=_lines(content))
        return self._seen[uri]

    def line_hash(self, uri: str, line: int) -> str:
        """Return GitHub's hash of a line; empty where there is none."""
        if self._hashes[0] != uri:  # results come file by file
            state, content = self._read(uri)
            known = line_hashes(content.decode(errors="replace")) if state is State.FILE else {}
            self._hashes = (uri, known)
        return self._hashes[1].get(line, "")

    def _read(self, uri: str) -> tuple[State, bytes]:
        parts = unquote(uri).split("/")
        if not all(parts) or {".", ".."} & set(parts) or "\0" in uri:
            return State.MISSING, b""
        try:
            place = self.root
            for name in parts:
                place /= name
                if place.is_symlink():
                    return State.LINK, b""
            with open(os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:  # noqa: PTH123
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return State.MISSING, b""
                content = file.read(LARGEST + 1)
        except (OSError, ValueError):
            return State.MISSING, b""
        return (State.LARGE, b"") if len(content) > LARGEST else (State.FILE, content)


def _lines(content: bytes) -> int:
    """Count lines as editors number them."""
    return len(content.splitlines()) if content else 0
