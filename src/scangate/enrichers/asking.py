"""Asking one enricher: within its time, and so that whatever it does, no finding is lost or renamed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scangate import process
from scangate.core.identity import fingerprint
from scangate.core.intake import admit
from scangate.core.model import Data, Finding, Note, Run, Status
from scangate.enrichers import Enricher
from scangate.errors import CancelledError, DeadlineError, ScanError


@dataclass(slots=True, kw_only=True)
class Answer:
    """What an enricher has said so far. `deadline`: on the monotonic clock."""

    deadline: float
    begun: float = field(default_factory=time.monotonic)
    findings: list[Finding] = field(default_factory=list)
    data: list[Data] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    clauses: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise CancelledError or DeadlineError where it is time to stop."""
        if process.stopping():
            raise CancelledError("interrupted before it was finished")
        if time.monotonic() > self.deadline:
            raise DeadlineError(f"it did not answer within {self.deadline - self.begun:.0f} s")

    def run(self, name: str, *, status: Status, reason: str, advice: str) -> Run:
        """Make the record of it. It has no target."""
        return Run(
            scanner=name,
            target="",
            status=status,
            reason=reason,
            advice=advice,
            unit="findings",
            asked=len(self.findings) if status is Status.OK else 0,
            data=tuple(self.data),
            notes=tuple(self.notes),
            seconds=round(time.monotonic() - self.begun, 3),
            clauses=self.clauses,
        )


def ask(enricher: Enricher, findings: Sequence[Finding], home: Path, answer: Answer) -> None:
    """Fill the answer. Raises whatever the enricher raises, and ScanError when it is no answer."""
    answer.clauses = tuple(sorted(enricher.clauses))
    answer.check()
    for item in enricher.enrich(findings, home, answer.check):
        match admit(item):
            case Finding() as finding:
                answer.findings.append(finding)
            case Data() as data:
                answer.data.append(data)
            case Note(text=text):
                answer.notes.append(text)
            case other:
                raise TypeError(f"an enricher gives no {type(other).__name__}")
        answer.check()
        if len(answer.findings) > len(findings):
            break
    if list(map(fingerprint, answer.findings)) != list(map(fingerprint, findings)):
        raise ScanError("it lost, added or renamed findings", advice=f"this is a bug in {enricher.name}")
