"""What a Suricata sensor saw of the hosts: its alerts, and their services, without a packet sent."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.errors import ScanError
from scangate.scanners import Context, Found, Need


class Suricata:
    """Reads the events (EVE) that Suricata wrote. See docs/scanners/suricata.md."""

    name = "suricata"
    summary = "alerts and services from the events of a Suricata sensor, without sending a packet"
    kinds = frozenset({Kind.HOSTS})
    optional = True
    timeout = 900.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "eve": {
                "type": "string",
                "minLength": 1,
                "maxLength": 4096,
                "description": "The file of the events, as eve.json; those rotated beside it are read as well. "
                "Inside the repository, or an absolute path.",
            },
            "max_age_days": {
                "type": "integer",
                "minimum": 1,
                "maximum": 3650,
                "default": 7,
                "description": "Events that are older count for nothing.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - it needs nothing
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.suricata.scan import scan

        if not ctx.options.get("eve"):
            raise ScanError("nobody said where the events are", advice="write scanners: {suricata: {eve: FILE}}")
        yield from scan(target, ctx)
