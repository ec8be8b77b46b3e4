"""What a scanner is. One file or folder here per scanner; CONTRIBUTING.md shows how to add one in three steps."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from scangate.core.model import Item, Kind, Service, Target
from scangate.core.scope import Scope
from scangate.errors import CancelledError, DeadlineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A program the scanner calls. `bad` versions are refused. `install`: the exact command that mends its absence."""

    name: str
    install: str
    minimum: str = ""
    bad: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A program as it is on this machine."""

    name: str
    path: str
    version: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All a scanner may use besides its target; a test hands it something else.

    `root`: the repository's root, absolute. `home`: where engines and advisories are kept. `deadline`: on the
    monotonic clock. `services`: what is open on the target, as far as the scanners in `after` saw. `scope`: what may be
    touched on a network. `cancelled`: true once the user interrupts. `tell`: one line of progress. `today`: the day of
    the judgement.
    """

    root: Path
    home: Path
    deadline: float
    options: Mapping[str, Any] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    scope: Scope = field(default_factory=Scope)
    cancelled: Callable[[], bool] = lambda: False
    tell: Callable[[str], None] = lambda _text: None
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    def check(self) -> None:
        """Call between units of work. Raises DeadlineError or CancelledError; what was yielded until then counts."""
        if self.cancelled():
            raise CancelledError("interrupted before it was finished")
        if not self.remaining:
            raise DeadlineError("the time allowed was used up", advice="raise the scanner's `timeout` in scangate.yml")


class Scanner(Protocol):
    """A scanner proves that it looked: it must yield `Asked`, and a `Gap` for each thing it could not cover.

    `scan` may raise ScanError at any point; what was yielded before counts, and the run is not OK. It may offer
    `canary()`, see canary.py: known-bad things on loopback that it must find.
    """

    name: str
    summary: str
    """One line for `scangate scanners`."""
    kinds: frozenset[Kind]
    """Which targets it can read."""
    options: Mapping[str, Any]
    """JSON Schema (draft-07, an object) of its own options under `scanners: {name: ...}`."""
    timeout: float
    """Seconds allowed for one target unless the config says otherwise."""

    def needs(self) -> tuple[Need, ...]:
        """Name the programs that must be there."""
        ...

    def find(self, need: Need, home: Path) -> Found | None:
        """Look for a needed program on this machine; None when it is not there."""
        ...

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        """Look at the target, and yield what is there."""
        ...


def after(scanner: Scanner) -> frozenset[str]:
    """Name the scanners whose services one builds on: its `after`, which most do not have."""
    named: frozenset[str] = getattr(scanner, "after", frozenset())
    return named


def unfit(scanner: Scanner, target: Target, *, named: bool) -> str:
    """Say why a scanner has no business with a target; empty when it has. `named`: the config speaks of the scanner.

    A scanner with a true `optional`, which most do not have, is for those who ask for it.
    """
    if target.kind not in scanner.kinds:
        return f"reads {' and '.join(sorted(scanner.kinds))}, not {target.kind}"
    if getattr(scanner, "optional", False) and not named:
        return f"runs where the config names it: scanners: {{{scanner.name}: {{}}}}"
    return ""
