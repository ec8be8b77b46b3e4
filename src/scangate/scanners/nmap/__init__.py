"""What listens on hosts and networks, by nmap."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scangate import process
from scangate.core.model import Item, Kind, Target
from scangate.errors import ScanError, ToolMissingError
from scangate.scanners import Context, Found, Need

if TYPE_CHECKING:
    from scangate.scanners.canary import Canary

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
            "profile": {
                "enum": ["quick", "standard", "deep", "udp"],
                "default": "standard",
                "description": "How much is asked, and how deep. The options below outrank it.",
            },
            "scripts": {
                "type": "boolean",
                "default": True,
                "description": "Run nmap's safe scripts: certificates, TLS, open access, login pages.",
            },
            "scripts_more": {
                "type": "array",
                "uniqueItems": True,
                "items": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"},
                "description": "Names of further nmap scripts to run, whatever their category: safe or not is yours.",
            },
            "tls_ciphers": {
                "type": "boolean",
                "description": "Try every TLS version and cipher suite: some hundred connections for each TLS port.",
            },
            "version_intensity": {
                "type": "integer",
                "minimum": 0,
                "maximum": 9,
                "description": "How many probes are tried to find out what a service is.",
            },
            "top_ports": {
                "type": "integer",
                "minimum": 1,
                "maximum": 65535,
                "description": "How many of the most common TCP ports are asked where the target names no `ports`.",
            },
            "host_timeout": {
                "type": "number",
                "minimum": 1,
                "description": "Seconds for one host, in each of the two phases.",
            },
            "processes": {
                "type": "integer",
                "minimum": 1,
                "maximum": 16,
                "description": "How many nmap processes run side by side; one for each CPU, 4 to 8, by default.",
            },
            "resume": {
                "type": "boolean",
                "default": False,
                "description": "Take over the hosts that an interrupted scan of the last 24 hours had finished.",
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

    def canary(self) -> "AbstractContextManager[Canary]":
        """Known-bad services on loopback, which it must find."""
        from scangate.scanners.nmap.canary import canary

        return canary()
