"""Databases from within, by an account that may read. See docs/scanners/databases.md."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.scanners import Context, Found, Need


class Databases:
    """Logs in with credentials from the environment, and reads settings; the protocols are spoken by ourselves."""

    name = "databases"
    summary = "settings and accounts of databases, by a read-only login (only when the config names it)"
    kinds = frozenset({Kind.HOSTS})
    after = frozenset({"nmap"})
    optional = True
    timeout = 600.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "accounts": {
                "type": "object",
                "propertyNames": {"maxLength": 63},
                "additionalProperties": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,30}$"},
                "description": (
                    "Targets with accounts of their own: NAME reads SCANGATE_NAME_POSTGRESQL_USER and so on first."
                ),
            },
            "trust": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "uniqueItems": True,
                "description": "Files of certificates (PEM) that are trusted besides the public authorities.",
            },
            "verify": {
                "type": "boolean",
                "default": True,
                "description": "Log in over TLS only to a server whose certificate is trusted and for its host.",
            },
            "cleartext": {
                "type": "boolean",
                "default": False,
                "description": "Send a password that no challenge protects where the server offers no TLS.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - there is nothing to find
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.databases.scan import scan

        yield from scan(target, ctx)
