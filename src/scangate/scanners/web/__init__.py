"""What web servers do not protect, and what they give away, found by asking them a bounded number of questions."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.scanners import Context, Found, Need


class Web:
    """Headers, cookies, methods, redirects, listings, exposed files. Only safe methods, only the pinned address."""

    name = "http"
    summary = "web servers: headers, cookies, methods, redirects to https, exposed files and status pages"
    kinds = frozenset({Kind.HOSTS})
    after = frozenset({"nmap"})
    timeout = 1800.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "depth": {
                "type": "integer",
                "minimum": 0,
                "maximum": 5,
                "default": 2,
                "description": "How many links are followed from the front page, on the same host and port only.",
            },
            "pages": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1000,
                "default": 50,
                "description": "How many pages of one server are read.",
            },
            "requests": {
                "type": "integer",
                "minimum": 10,
                "maximum": 5000,
                "default": 300,
                "description": "How many requests are sent to one server in all.",
            },
            "robots": {
                "type": "boolean",
                "default": True,
                "description": "Leave out of the crawl what robots.txt asks to be left out.",
            },
            "files": {
                "type": "boolean",
                "default": True,
                "description": "Ask for files that should not be there (.git, .env, backups, status pages).",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - there is nothing to find
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.web.scan import scan

        yield from scan(target, ctx)
