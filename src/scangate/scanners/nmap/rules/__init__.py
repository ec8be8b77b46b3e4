"""The rules for open ports. Each group is one file: its rules as data, the scripts they need, and one `check`."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Evidence, Finding, Fix, Location
from scangate.scanners.nmap.address import Expected
from scangate.scanners.nmap.rules import certificate, cleartext, exposed, ssh, tls, unauthenticated
from scangate.scanners.nmap.rules.rule import Check, Hit, Listener, Rule

_GROUPS: Final = (exposed, cleartext, unauthenticated, certificate, tls, ssh)
RULES: Final[tuple[Rule, ...]] = tuple(rule for group in _GROUPS for rule in group.RULES)
SCRIPTS: Final[tuple[str, ...]] = tuple(sorted({script for group in _GROUPS for script in group.SCRIPTS}))
"""Every script that a rule reads."""
NOISY: Final = tls.NOISY
_CHECKS: Final[tuple[Check, ...]] = tuple(group.check for group in _GROUPS)


def findings(listener: Listener, target: str) -> Iterator[Finding]:
    """Every rule that an open port breaks."""
    for check in _CHECKS:
        for hit in check(listener):
            yield _finding(hit, target, listener.host, listener.place, listener.where, _seen(listener))


def closed(expected: Expected, target: str, answered: int) -> Finding:
    """The finding for an expected port that is open on none of the `answered` hosts of a target."""
    hit = exposed.closed(expected, target, answered)
    return _finding(hit, target, target, str(expected), f"{target}:{expected}", ())


def _finding(hit: Hit, target: str, host: str, place: str, where: str, seen: tuple[tuple[str, str], ...]) -> Finding:
    rule = hit.rule
    return Finding(
        rule=rule.id,
        target=target,
        subject=where,
        title=rule.title,
        severity=rule.severity if hit.severity is None else hit.severity,
        severity_source="scangate rule",
        location=Location(logical=where),
        message=f"{hit.said}. {rule.why[0].upper()}{rule.why[1:]}.",
        seen_by=("nmap",),
        help_uri=rule.help_uri,
        fix=Fix(summary=rule.fix.format(host=host, port=place)),
        cwes=rule.cwes,
        confidence=hit.confidence,
        evidence=(Evidence(source="nmap", facts=facts),) if (facts := seen + hit.facts) else (),
    )


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
    return tuple((name, value) for name, value in facts.items() if value)
