"""What an enricher is: findings in, findings out, with more known about them. One file here per enricher."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from scangate.core.model import Data, Finding, Note


class Enricher(Protocol):
    """It may only add to findings, never drop one or change its identity: the pipeline checks that."""

    name: str
    summary: str
    clauses: frozenset[str]
    """The clauses of a policy that rely on it: when it cannot answer and the policy has one of them, that is a gap."""

    def enrich(
        self, findings: Sequence[Finding], home: Path, check: Callable[[], None]
    ) -> Iterable[Finding | Data | Note]:
        """Give back each finding, in order, and say which data it relied on.

        `check` is called between units of work, and may raise. Raises ScanError when it cannot answer.
        """
        ...
