"""Draws docs/demo.svg from what `make demo` found: the end of both reports, side by side in one picture."""

import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from scangate.reporters import Screen
from scangate.reporters.console import Console as Report
from scangate.reporters.result import read

ROOT = Path(__file__).parent.parent
WIDTH = 120
SHOWN = (("storefront", "edge  ", 5), ("storefront", "─────", 12), ("storefront-fixed", "─────", 2))
"""Example, where to start (the last line that starts so), and how many lines."""


def main() -> None:
    """Write the picture."""
    console = Console(record=True, width=WIDTH, file=Path("/dev/null").open("w"))  # noqa: SIM115 - rich keeps it
    shown = ""
    for example, start, count in SHOWN:
        if example != shown:
            console.print(Text(f"$ scangate scan -c examples/{example}/scangate.yml", style="bold cyan"))
            shown = example
        console.print(Text("   ⋮", style="dim"))
        for line in lines(example, start, count):
            console.print(Text.from_ansi(line))
    svg = console.export_svg(title="make demo", unique_id="demo")
    # A picture of ours asks nobody for fonts.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")
    (Path(__file__).parent / "demo.svg").write_text(svg, encoding="utf-8")


def lines(example: str, start: str, count: int) -> list[str]:
    """The part of a console report that is shown."""
    result = ROOT / ".demo" / example / "result.json"
    text = Report().render(read(result.read_bytes(), str(result)), Screen(width=WIDTH, colour=True)).splitlines()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in text]
    first = max(number for number, line in enumerate(plain) if line.startswith(start))
    return text[first : first + count]


if __name__ == "__main__":
    main()
