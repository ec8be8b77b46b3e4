"""What listens on hosts and networks, by nmap."""

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from scangate import process
from scangate.core.model import Item, Kind, Target
from scangate.errors import ScanError, ToolMissingError
from scangate.scanners import Context, Found, Need

_NEED: Final = Need(name="nmap", install="apt-get install nmap", minimum="7.80")
_VERSION: Final = re.compile(r"^Nmap version (\S+)", re.MULTILINE)


class Nmap:
    """Open ports, the services behind them, and what is wrong with those that can be seen from outside."""

    name = "nmap"
    summary = "open ports, services, TLS and open access of hosts and networks, by nmap"
    kinds = frozenset({Kind.HOSTS})
    timeout = 1800.0
    options: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "scripts": {
                "type": "boolean",
                "default": True,
                "description": "Run nmap's safe scripts: certificates, TLS, open access, login pages.",
            },
            "tls_ciphers": {
                "type": "boolean",
                "default": True,
                "description": "Try every TLS version and cipher suite: some hundred connections for each TLS port.",
            },
            "version_intensity": {
                "type": "integer",
                "minimum": 0,
                "maximum": 9,
                "description": "How many probes are tried to find out what a service is; nmap's default is 7.",
            },
            "top_ports": {
                "type": "integer",
                "minimum": 1,
                "maximum": 65535,
                "default": 1000,
                "description": "How many of the most common TCP ports are asked where the target names no `ports`.",
            },
            "resolve": {
                "enum": ["all", "ipv4", "ipv6"],
                "default": "all",
                "description": "Which addresses of a host name are scanned.",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return (_NEED,)

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - nmap comes from the system
        """Ask the nmap on the PATH for its version."""
        if not (path := process.which(need.name)):
            return None
        try:
            said = process.run((path, "--version"), deadline=time.monotonic() + 10, max_output=2**16).stdout
        except ScanError:
            return None
        version = _VERSION.search(said.decode(errors="replace"))
        return Found(name=need.name, path=path, version=version[1]) if version else None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.nmap.scan import scan

        if not (program := process.which(_NEED.name)):
            raise ToolMissingError("nmap is not installed", advice=f"install it: {_NEED.install}")
        yield from scan(program, target, ctx)
