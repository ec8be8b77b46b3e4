"""The few shapes that the page is made of. Foreign text only ever enters as `Text`: rich reads no markup in it."""

from collections.abc import Iterable
from typing import Final

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

STYLES: Final = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
    "unknown": "magenta",
    "PASS": "bold green",
    "FAIL": "bold red",
    "INCOMPLETE": "bold yellow",
    "warn": "yellow",
    "ok": "green",
    "skipped": "dim",
    "failed": "bold red",
    "timed-out": "bold red",
    "cancelled": "bold red",
}
"""The colour of a word that stands alone in a cell."""
MOST: Final = 20
"""Entries of a list that are shown; the rest is counted."""

Part = tuple[str, str]
"""A text and its style."""


def word(text: str) -> Text:
    """One word in its own colour."""
    return Text(text, style=STYLES.get(text, ""))


def stack(parts: Iterable[Part]) -> Text:
    """One part under the other; empty ones take no line."""
    return Text("\n").join(Text(text, style=style) for text, style in parts if text)


def heading(title: str, rest: str = "") -> Text:
    """A title after an empty line."""
    return Text.assemble("\n", (title, "bold"), "  " if rest else "", (rest, "dim"))


def indented(text: str, style: str = "") -> Padding:
    """A line below a heading."""
    return Padding(Text(text, style=style), (0, 0, 0, 2))


def table(columns: Iterable[str]) -> Table:
    """A table whose last columns share the width; what does not fit into a cell is wrapped, never cut."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True, expand=True, header_style="dim")
    for name in columns:
        wide = name in {"finding", "decided by, and fix", "what was covered"}
        made.add_column(name, overflow="fold", ratio=3 if wide else None, no_wrap=name in {"", "severity", "status"})
    return made


def bullets(rows: Iterable[Part], total: int, most: int = MOST) -> Table:
    """A numberless list, its first entries only; `total` says how many there are."""
    made = Table.grid(padding=(0, 1, 0, 0), expand=True)
    made.add_column(width=3, justify="right")
    made.add_column(overflow="fold", ratio=1)
    for _number, (text, style) in zip(range(most), rows, strict=False):
        made.add_row("-", Text(text, style=style))
    if total > most:
        made.add_row("-", Text(f"{total - most:,} more", style="dim"))
    return made
