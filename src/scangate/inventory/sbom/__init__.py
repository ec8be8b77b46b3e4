"""What a software bill of materials says is installed: CycloneDX 1.0 to 1.7 (JSON, XML) and SPDX 2.2 and 2.3 (JSON).

    sbom = read_sbom(Path("web.cdx.json"), ctx.check)
    sbom.items, sbom.release, sbom.tools, sbom.created

Which of the formats it is, its content says. It comes from outside like an image does: its size, its depth and the
number of its values are capped, and XML with a document type is refused. What names no package that can be compared is
a Gap, one for each. docs/sbom.md tells how each field is read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scangate.core.model import Gap, Package, Tool
from scangate.inventory.os_release import Release

__all__ = ["Sbom", "read_sbom"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sbom:
    """A bill of materials. `items`: packages first, each sorted and once, then gaps.

    `format`: as in `CycloneDX 1.6`. `release`: the distribution it names, all empty when it names none.
    `tools` made it, at `created` (RFC 3339), of `subject`: as it says itself, empty where it does not.
    `left_out`: components that its author marks as no part of what is delivered, and that are therefore no items.
    """

    format: str
    items: tuple[Package | Gap, ...]
    release: Release = field(default_factory=Release)
    tools: tuple[Tool, ...] = ()
    created: str = ""
    subject: str = ""
    left_out: int = 0


def read_sbom(path: Path, check: Callable[[], None] = lambda: None) -> Sbom:
    """Read a file. `check` is called between components, and may raise to end the work.

    Raises ScanError: cannot be read, none of the formats, broken, over a limit, or without any package.
    """
    from scangate.inventory.sbom.document import load
    from scangate.inventory.sbom.packages import catalogued

    return catalogued(load(path, check), what=str(path), check=check)
