"""The report on a terminal or in the log of a job: by target, then what was covered, and the verdict last."""

import io
import re
from typing import Final

from scangate.core.model import Report
from scangate.reporters import Screen

NARROW: Final = 40
"""Columns that a line has at least, however small the screen is said to be."""
_COLON: Final = "\N{RATIO}"
"""Looks like a colon and is none: GitHub obeys `::name::` at the start of a line, indented or not."""
_COMMAND: Final = re.compile(r"^((?:[ \t]|\x1b\[[0-9;]*m)*):(?=:)", re.MULTILINE)


class Console:
    """What a person reads first."""

    name = "console"
    summary = "tables for people: findings by target, coverage, and the verdict last"

    def render(self, report: Report, screen: Screen) -> str:
        from rich.console import Console as Terminal

        from scangate.reporters.console.page import page

        out = io.StringIO()
        terminal = Terminal(
            file=out,
            width=max(NARROW, screen.width),
            force_terminal=screen.colour,
            color_system="standard" if screen.colour else None,
            force_jupyter=False,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},  # the same report gives the same text, whatever COLUMNS or NO_COLOR say
        )
        for block in page(report, terminal.width):
            terminal.print(block)
        text = "\n".join(each.rstrip() for each in out.getvalue().splitlines()).strip("\n")
        return _COMMAND.sub(f"\\1{_COLON}", text) + "\n"
