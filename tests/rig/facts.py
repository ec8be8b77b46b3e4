"""Reads facts.tsv: which weakness is where, and who must find it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scangate.core.model import Severity

FILE = Path(__file__).with_name("facts.tsv")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One row: `place` (`6379/tcp`) of `service` breaks `rule`, and each of `scanners` must see it by itself."""

    service: str
    place: str
    rule: str
    severity: Severity
    scanners: frozenset[str]
    what: str


def facts() -> tuple[Fact, ...]:
    """Return all rows. Raises KeyError or ValueError for one that is misspelt."""
    return tuple(_read())


def _read() -> Iterator[Fact]:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t"):
        yield Fact(
            service=row["service"],
            place=row["place"],
            rule=row["rule"],
            severity=Severity[row["severity"].upper()],
            scanners=frozenset(row["scanners"].split(",")),
            what=row["what"],
        )
