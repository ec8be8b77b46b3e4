"""What a list of hosts holds, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from scangate.core.text import clean
from scangate.errors import Problem

MOST: Final = 10_000
"""Hosts taken from lists for one target."""
MAX_PROBLEMS: Final = 20
"""Mistakes that are told of one list."""
_SHOWN: Final = 120
_SENTENCE: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One host as it was written, where, and which ports of it the list names (`T:80`), if it does."""

    host: str
    line: int = 1
    place: str = ""
    ports: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Listing:
    """What was read of one list. `left_out`: what it names and no scan is meant to reach, with the reason."""

    file: str
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def problem(self, message: str, advice: str = "", *, line: int = 1, place: str = "") -> None:
        """Note one mistake. What comes from the file is made safe to show."""
        where = clean(place, _SHOWN)
        said, advice = clean(message, _SENTENCE), clean(advice, _SENTENCE)
        self.problems.append(Problem(file=self.file, line=line, path=where, message=said, advice=advice))

    def leave_out(self, what: str, why: str) -> None:
        self.left_out.append(f"{self.file}: left out {clean(what, _SHOWN)}: {why}")

    def add(self, entry: Entry) -> bool:
        """Take one host; False when there are too many, which is a mistake by then."""
        if len(self.entries) >= MOST:
            if not any("more than" in each.message for each in self.problems):
                self.problem(f"names more than {MOST:,} hosts", "pick a `group` of it", line=entry.line)
            return False
        self.entries.append(entry)
        return True


Read = Callable[[str, str, Listing], None]
"""Reads the text of a list, only the group that is named (or everything), into the listing."""
