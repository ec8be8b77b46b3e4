"""Alerts of a sensor as findings: however often one was raised about a place, it is one finding."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from scangate.core.model import Confidence, Evidence, Finding, Location, Severity
from scangate.core.text import clean

MOST: Final = 10_000
"""Different alerts of one target."""
_OTHERS: Final = 10
_CVE: Final = re.compile(r"\bCVE[-_ ](\d{4})[-_](\d{4,7})\b", re.ASCII | re.IGNORECASE)
_CVES: Final = 5


@dataclass(slots=True, kw_only=True)
class Alert:
    """All alerts of one kind about one place. `facts` are those of the newest."""

    rule: str
    where: str
    title: str
    severity: Severity
    basis: str
    confidence: Confidence
    help_uri: str = ""
    first: datetime
    last: datetime
    count: int = 1
    facts: tuple[tuple[str, str], ...] = ()
    others: set[str] = field(default_factory=set)

    def again(self, other: "Alert") -> None:
        """Take in one more of the same."""
        self.count += 1
        self.severity = max(self.severity, other.severity)
        self.confidence = max(self.confidence, other.confidence)
        if (other.last, other.facts) > (self.last, self.facts):
            self.facts, self.title, self.basis = other.facts, other.title, other.basis
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.others = set(sorted(self.others | other.others)[: _OTHERS + 1])


class Alerts:
    """The alerts of one target."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Alert] = {}
        self.left_out = 0

    def add(self, alert: Alert) -> None:
        key = (alert.rule, alert.where)
        if key in self._seen:
            self._seen[key].again(alert)
        elif len(self._seen) < MOST:
            self._seen[key] = alert
        else:
            self.left_out += 1

    def findings(self, target: str, seen_by: str) -> Iterator[Finding]:
        """Yield them in order."""
        for _key, alert in sorted(self._seen.items()):
            yield _finding(alert, target, seen_by)


def cves(*texts: object) -> tuple[str, ...]:
    """Every CVE that these texts name, in the one spelling, sorted; a handful at most."""
    named = {f"CVE-{year}-{number}" for text in texts for year, number in _CVE.findall(str(text)[:2_000])}
    return tuple(sorted(named))[:_CVES]


def _finding(alert: Alert, target: str, seen_by: str) -> Finding:
    others = sorted(alert.others)
    more = " and more" if len(others) > _OTHERS else ""
    times = "once" if alert.count == 1 else f"{alert.count:,} times"
    span = f"on {alert.last:%Y-%m-%d}" if alert.first.date() == alert.last.date() else (
        f"from {alert.first:%Y-%m-%d} to {alert.last:%Y-%m-%d}"
    )  # fmt: skip
    facts = [("alerts", f"{alert.count:,}"), ("first", f"{alert.first:%Y-%m-%dT%H:%M:%SZ}")]
    facts.append(("last", f"{alert.last:%Y-%m-%dT%H:%M:%SZ}"))
    if others:
        facts.append(("other side", f"{', '.join(others[:_OTHERS])}{more}"))
    title = clean(alert.title, 300)
    return Finding(
        rule=alert.rule,
        target=target,
        subject=alert.where,
        title=title,
        severity=alert.severity,
        severity_source=alert.basis,
        location=Location(logical=alert.where),
        message=f"{seen_by.title()} raised this {times} about {alert.where}, {span}: {title}.",
        seen_by=(seen_by,),
        help_uri=alert.help_uri,
        confidence=alert.confidence,
        evidence=(Evidence(source=seen_by, facts=(*facts, *alert.facts)),),
    )
