"""What a rule of the network is: its words in one place, beside the function that finds what breaks it."""

from dataclasses import dataclass
from typing import Protocol

from scangate.core.model import Confidence, Evidence, Finding, Fix, Location, Severity

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing an endpoint can break. `fix` is a sentence in the imperative with {host} and {port} (`443/tcp`) in it.

    `severity` is the usual one; a check says so where it found something worse, at most `worst`. `script` is the nmap
    script that sees it. `controls` are what standards say about it: `PCI DSS 4.0.1 2.2.7`. `help` is a page about it.
    """

    id: str
    title: str
    severity: Severity
    why: str
    fix: str
    cwes: tuple[str, ...]
    script: str = ""
    worst: Severity | None = None
    controls: tuple[str, ...] = ()
    help: str = ""

    @property
    def help_uri(self) -> str:
        if self.help:
            return self.help
        return f"https://nmap.org/nsedoc/scripts/{self.script}.html" if self.script else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that an endpoint breaks. `said` is what was seen, as a sentence without its full stop."""

    rule: Rule
    said: str
    confidence: Confidence = Confidence.CONFIRMED
    severity: Severity | None = None
    facts: Facts = ()


class Placed(Protocol):
    """What a finding can be about: an Endpoint, or nmap's Listener."""

    @property
    def host(self) -> str:
        """The user's word for the host."""
        ...

    @property
    def place(self) -> str:
        """The port and protocol: 443/tcp."""
        ...

    @property
    def where(self) -> str:
        """The subject of a finding: edge.example.com:443/tcp, [2001:db8::1]:443/tcp."""
        ...


def where(host: str, port: int, protocol: str) -> str:
    """Spell a place the one way that all findings of the network do."""
    return f"[{host}]:{port}/{protocol}" if ":" in host else f"{host}:{port}/{protocol}"


def finding(hit: Hit, at: Placed, target: str, seen_by: str, seen: Facts = ()) -> Finding:
    """Make the finding. `target` is its id; `seen_by` the scanner; `seen` what it knew before it looked."""
    rule = hit.rule
    facts = seen + hit.facts + tuple(("control", control) for control in rule.controls)
    return Finding(
        rule=rule.id,
        target=target,
        subject=at.where,
        title=rule.title,
        severity=rule.severity if hit.severity is None else hit.severity,
        severity_source="scangate rule",
        location=Location(logical=at.where),
        message=f"{hit.said}. {rule.why[0].upper()}{rule.why[1:]}.",
        seen_by=(seen_by,),
        help_uri=rule.help_uri,
        fix=Fix(summary=rule.fix.format(host=at.host, port=at.place)),
        cwes=rule.cwes,
        confidence=hit.confidence,
        evidence=(Evidence(source=seen_by, facts=facts),) if facts else (),
    )
