"""The rules for open ports. Each group is one file: its rules as data, the scripts they need, and one `check`."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Finding
from scangate.scanners.network.address import Expected
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Rule, finding
from scangate.scanners.nmap.rules import certificate, cleartext, exposed, ssh, tls, unauthenticated, vulnerable
from scangate.scanners.nmap.rules.listener import Check, Listener

_GROUPS: Final = (exposed, cleartext, unauthenticated, certificate, tls, ssh, vulnerable)
RULES: Final[tuple[Rule, ...]] = tuple(rule for group in _GROUPS for rule in group.RULES)
SCRIPTS: Final[tuple[str, ...]] = tuple(sorted({script for group in _GROUPS for script in group.SCRIPTS}))
"""Every script that a rule reads."""
NOISY: Final = tls.NOISY
_SHOWN: Final = 300
"""Characters of a script's answer."""
_CHECKS: Final[tuple[Check, ...]] = tuple(group.check for group in _GROUPS)


def findings(listener: Listener, target: str) -> Iterator[Finding]:
    """Every rule that an open port breaks."""
    for check in _CHECKS:
        for hit in check(listener):
            yield finding(hit, listener, target, "nmap", _seen(listener))


def closed(expected: Expected, target: str, answered: int) -> Finding:
    """The finding for an expected port that is open on none of the `answered` hosts of a target."""
    hit = exposed.closed(expected, target, answered)
    nowhere = Endpoint(host=target, address="", port=expected.port, protocol=expected.protocol)
    return finding(hit, nowhere, target, "nmap")


def _seen(listener: Listener) -> tuple[tuple[str, str], ...]:
    port = listener.port
    facts = {
        "address": listener.address,
        "state": f"{port.state} ({port.reason})" if port.reason else port.state,
        "service": f"{port.tunnel}/{port.name}" if port.tunnel else port.name,
        "product": " ".join(filter(None, (port.product, port.version, port.extra))),
        "system": port.system,
        "known by": "its answer" if port.is_probed else "its number" if port.name else "",
        "cpe": " ".join(port.cpes),
    }
    # What no rule reads is for people.
    facts |= {
        f"script {name}": " / ".join(script.output.split("\n"))[:_SHOWN].strip(" /")
        for name, script in sorted(port.scripts.items())
        if name not in SCRIPTS
    }
    return tuple((name, value) for name, value in facts.items() if value)
