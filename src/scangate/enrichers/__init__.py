"""What an enricher is: findings in, findings out, with more known about them. One file here per enricher."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from scangate.core.model import Finding


class Enricher(Protocol):
    """It may only add to findings, never drop one or change its identity: the pipeline checks that."""

    name: str
    summary: str

    def enrich(self, findings: Sequence[Finding], home: Path) -> Iterable[Finding]:
        """Give back each finding, in order. Raises ScanError when it cannot answer: a gap, unless optional."""
        ...
