"""Which services let anyone in, or with what everyone knows: proved by asking each in its own protocol."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.scanners import Context, Found, Need


class Access:
    """Services without a login, with default ones, or with logins in clear text. It reads, and changes nothing."""

    name = "access"
    summary = "services that let anyone in, or take logins in clear text, asked in their own protocols"
    kinds = frozenset({Kind.HOSTS})
    after = frozenset({"nmap"})
    timeout = 900.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "default_credentials": {
                "type": "boolean",
                "default": False,
                "description": "Try the password that a product comes with, once for each product.",
            },
            "zones": {
                "type": "array",
                "items": {"type": "string", "pattern": "^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\\.?){1,30}$"},
                "maxItems": 20,
                "description": "DNS zones whose transfer is asked for, besides those that a host's own name lies in.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - there is nothing to find
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.access.scan import scan

        yield from scan(target, ctx)
