"""The rules for TLS. Each group is one file: its rules as data, and one `check`.

What nmap's scripts see as well has one rule for both, so that a finding is one, seen by two.
"""

from collections.abc import Callable, Iterator
from typing import Final

from scangate.core.model import Finding
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Facts, Hit, Rule, finding
from scangate.scanners.tls.rules import certificate, chain, ciphers, cleartext, protocols, server
from scangate.scanners.tls.rules.seen import Seen

_CHECKS: Final[tuple[Callable[[Seen], Iterator[Hit]], ...]] = (
    protocols.check, ciphers.check, server.check, certificate.check, chain.check,
)  # fmt: skip
RULES: Final[tuple[Rule, ...]] = tuple(
    rule for group in (protocols, ciphers, server, certificate, chain, cleartext) for rule in group.RULES
)


def findings(seen: Seen) -> Iterator[Finding]:
    """Every rule that an endpoint breaks, once: two certificates can break the same one."""
    worst: dict[str, Hit] = {}
    for check in _CHECKS:
        for hit in check(seen):
            known = worst.get(hit.rule.id)
            if known is None or _severity(hit) > _severity(known):
                worst[hit.rule.id] = hit
    for hit in worst.values():
        yield finding(hit, seen.endpoint, seen.endpoint.target, "tls", _facts(seen))


def without_tls(endpoint: Endpoint, hit: Hit) -> Finding:
    """The finding for a service that was heard to have no TLS."""
    return finding(hit, endpoint, endpoint.target, "tls", (("address", endpoint.address),))


def _severity(hit: Hit) -> int:
    return hit.rule.severity if hit.severity is None else hit.severity


def _facts(seen: Seen) -> Facts:
    spoken = seen.spoken
    facts = {
        "address": seen.endpoint.address,
        "versions": ", ".join(version.label for version in spoken.versions),
        "begins with": f"STARTTLS of {seen.starttls}" if seen.starttls else "",
        "agreed by ALPN": spoken.protocol,
        "certificate sha256": ", ".join(leaf.sha256 for leaf in seen.leaves),
        "connections": str(spoken.connections),
    }
    return tuple((name, value) for name, value in facts.items() if value)
