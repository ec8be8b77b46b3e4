"""What a reporter is: a Report in, text out. One file or folder here per format; the CLI owns the files."""

from dataclasses import dataclass
from typing import Protocol

from scangate.core.model import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The terminal the text is for: its width in columns, and whether colour may be used."""

    width: int = 100
    colour: bool = False


class Reporter(Protocol):
    """Pure: the same report gives the same bytes."""

    name: str
    summary: str
    """One line for `scangate report --help`."""

    def render(self, report: Report, screen: Screen) -> str:
        """Write the report. A trailing newline is part of the text."""
        ...
