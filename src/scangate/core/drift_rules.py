"""The rules by which something else listens than did, and the findings that they make."""

from dataclasses import dataclass
from typing import Final

from scangate.core.model import Confidence, Evidence, Finding, Fix, Location, Severity

Place = tuple[str, int, str]
"""The user's word for a host, port, protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way of being another. `fix` has {host} and {place} (`443/tcp`) in it."""

    id: str
    title: str
    severity: Severity
    confidence: Confidence
    why: str
    fix: str
    cwes: tuple[str, ...] = ()


PORT: Final = Rule(
    id="net-new-port", title="A port is open that was not", severity=Severity.MEDIUM, confidence=Confidence.CONFIRMED,
    why="what nobody decided to open is what nobody looks after", cwes=("CWE-1125",),
    fix="close {place} on {host}, or take a result in which it is open as the baseline",
)  # fmt: skip
SERVICE: Final = Rule(
    id="net-changed-service", title="A port is served by something else", severity=Severity.MEDIUM,
    confidence=Confidence.FIRM, why="another program in the place of the old one was somebody's decision",
    fix="find out what serves {place} on {host}, and take a result with it as the baseline if it is meant to",
)  # fmt: skip
VERSION: Final = Rule(
    id="net-changed-version", title="A service is of another version", severity=Severity.LOW,
    confidence=Confidence.FIRM, why="an upgrade is welcome, but a downgrade brings back what was mended",
    fix="make sure that the version on {place} of {host} is meant, and take a result with it as the baseline",
)  # fmt: skip
HOST_KEY: Final = Rule(
    id="net-changed-host-key", title="An SSH server shows another host key", severity=Severity.MEDIUM,
    confidence=Confidence.CONFIRMED, why="a machine that was set up anew does, and so does one in its place",
    fix="compare the host key on {place} of {host} with the machine's, and take a result with it as the baseline",
)  # fmt: skip
CERTIFICATE: Final = Rule(
    id="net-changed-certificate", title="A service shows another certificate", severity=Severity.LOW,
    confidence=Confidence.CONFIRMED, why="renewal is one reason, and another service in its place is one too",
    fix="make sure that the certificate on {place} of {host} is meant, and take a result with it as the baseline",
)  # fmt: skip
RULES: Final = (PORT, SERVICE, VERSION, HOST_KEY, CERTIFICATE)


def finding(rule: Rule, place: Place, target: str, seen_by: str, *, was: str, now: str) -> Finding:
    """Make the finding. `was` is empty for what was not there."""
    host, port, protocol = place
    where = f"[{host}]:{port}/{protocol}" if ":" in host else f"{host}:{port}/{protocol}"
    said = (
        f"{where} was {was} in the baseline, and is {now}" if was else f"{where} is open, and was not in the baseline"
    )
    facts = tuple((name, value) for name, value in (("was", was), ("is", now)) if value)
    return Finding(
        rule=rule.id,
        target=target,
        subject=where,
        title=rule.title,
        severity=rule.severity,
        severity_source="scangate rule",
        location=Location(logical=where),
        message=f"{said}: {rule.why}.",
        seen_by=(seen_by,),
        fix=Fix(summary=rule.fix.format(host=host, place=f"{port}/{protocol}")),
        cwes=rule.cwes,
        confidence=rule.confidence,
        evidence=(Evidence(source=seen_by, facts=facts),) if facts else (),
    )
