"""SSH servers, by ssh-audit as a program of its own. See docs/scanners/ssh_audit.md."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate.core.model import Item, Kind, Target
from scangate.errors import ToolMissingError
from scangate.scanners import Context, Found, Need
from scangate.scanners.ssh_audit.program import NEED, find


class SshAudit:
    """Algorithms, host keys and ways to log in of every SSH server."""

    name = "ssh_audit"
    summary = "algorithms, host keys and ways to log in of SSH servers, by ssh-audit"
    kinds = frozenset({Kind.HOSTS})
    after = frozenset({"nmap"})
    optional = True
    timeout = 900.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "logins": {
                "type": "boolean",
                "default": True,
                "description": "Ask for the ways to log in, as a user `scangate` who offers nothing.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return (NEED,)

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - there is one need
        """Look for the engine that scangate pins and installs, and then for the program of the system."""
        return find(home)

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.ssh_audit.scan import scan

        if not (found := find(ctx.home)):
            raise ToolMissingError("ssh-audit is not installed, or does not say its version", advice=NEED.install)
        yield from scan(found, target, ctx)
