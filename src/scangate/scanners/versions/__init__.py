"""Known vulnerabilities of what services say they are. It sends nothing: nmap and others heard the versions."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.scanners import Context, Found, Need


class Versions:
    """Products and versions of services against advisories. See docs/scanners/versions.md."""

    name = "versions"
    summary = "known vulnerabilities of the products and versions that services say they are"
    kinds = frozenset({Kind.HOSTS})
    after = frozenset({"nmap"})
    optional = True
    timeout = 300.0
    options: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - it needs nothing
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.versions.scan import scan

        yield from scan(target, ctx)
