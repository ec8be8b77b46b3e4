"""What a Zeek sensor saw of the hosts: their services, without a packet sent, and its notices."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.errors import ScanError
from scangate.scanners import Context, Found, Need


class Zeek:
    """Reads logs that Zeek wrote, in its own format or JSON. See docs/scanners/zeek.md."""

    name = "zeek"
    summary = "services and notices from the logs of a Zeek sensor, without sending a packet"
    kinds = frozenset({Kind.HOSTS})
    optional = True
    timeout = 900.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "logs": {
                "type": "string",
                "minLength": 1,
                "maxLength": 4096,
                "description": "The folder of the logs: inside the repository, or an absolute path.",
            },
            "max_age_days": {
                "type": "integer",
                "minimum": 1,
                "maximum": 3650,
                "default": 7,
                "description": "Lines that are older count for nothing.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - it needs nothing
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.zeek.scan import scan

        if not ctx.options.get("logs"):
            raise ScanError("nobody said where the logs are", advice="write scanners: {zeek: {logs: DIR}}")
        yield from scan(target, ctx)
