"""How TLS is offered: versions, cipher suites, certificates, by our own greetings. See docs/scanners/tls.md."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.scanners import Context, Found, Need


class Tls:
    """Everything that speaks TLS from the first byte, or after STARTTLS, held against a profile of Mozilla's."""

    name = "tls"
    summary = "versions, cipher suites and certificates of everything that speaks TLS or STARTTLS"
    kinds = frozenset({Kind.HOSTS})
    after = frozenset({"nmap"})
    timeout = 900.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "profile": {
                "enum": ["modern", "intermediate", "old"],
                "default": "intermediate",
                "description": "Which of Mozilla's recommendations a server is held against.",
            },
            "trust": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "uniqueItems": True,
                "description": "Files of certificates (PEM) that are trusted besides the public authorities.",
            },
            "connections": {
                "type": "integer",
                "minimum": 20,
                "maximum": 400,
                "default": 60,
                "description": "How many connections are made to one endpoint at most.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - there is nothing to look for
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.tls.scan import scan

        yield from scan(target, ctx)
