"""How bad an advisory says it is: CVSS vectors, and the words of its database."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from scangate.core.model import Cvss, Severity

MAX_VECTOR: Final = 300
"""Characters of the longest CVSS vector that is read; a complete one of version 4 has about 200."""
_BANDS: Final = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
_WORDS: Final = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "negligible": Severity.INFO,
    "unimportant": Severity.INFO,
    "none": Severity.INFO,
}
_VERSION: Final = re.compile(r"CVSS:(\d\.\d)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One opinion. `basis` says of what kind: `CVSS 3.1`, or `database severity`."""

    severity: Severity
    basis: str
    cvss: Cvss | None = None

    @property
    def weight(self) -> tuple[bool, bool, Severity, float, str]:
        """Sorts opinions: a CVSS of today over one of version 2 over a word, then the worst, then the newest CVSS."""
        scored = self.cvss is not None
        return (
            scored and self.basis > "CVSS 3",
            scored,
            self.severity,
            self.cvss.score if self.cvss else 0.0,
            self.basis,
        )


def ratings(holder: Mapping[str, Any]) -> tuple[Rating, ...]:
    """Read every opinion of a record, or of one of its affected entries; what cannot be read is no opinion."""
    found = dict.fromkeys([*_scores(holder), *_words(holder)])
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def cvss(vector: str) -> Rating | None:
    """Rate a CVSS vector of version 2, 3 or 4 by its base score; None when it is none.

    Bands: the qualitative scale of CVSS 3 and 4, where 0.0 is INFO. For version 2, which has no scale of its own, that
    of NVD: HIGH from 7.0, and no CRITICAL.
    """
    from cvss import CVSS2, CVSS3, CVSS4, CVSSError

    if len(vector) > MAX_VECTOR:
        return None
    match = _VERSION.match(vector)
    version = match[1] if match else "2.0"
    kind = {"2": CVSS2, "3": CVSS3, "4": CVSS4}.get(version[0])
    if kind is None:
        return None
    try:
        score = float(kind(vector).scores()[0])
    except (CVSSError, ArithmeticError, LookupError, ValueError):
        return None
    severity = next((band for floor, band in _BANDS if score >= floor), Severity.INFO)
    if version == "2.0":
        severity = max(Severity.LOW, min(severity, Severity.HIGH))
    return Rating(severity=severity, basis=f"CVSS {version}", cvss=Cvss(score=score, vector=vector))


def _scores(holder: Mapping[str, Any]) -> Iterator[Rating]:
    listed = holder.get("severity")
    for each in listed if isinstance(listed, list) else ():
        score = each.get("score") if isinstance(each, dict) else None
        if not isinstance(score, str):
            continue
        # Ubuntu rates with a word where others have a vector.
        if rating := cvss(score.strip()) or _word(score):
            yield rating


def _words(holder: Mapping[str, Any]) -> Iterator[Rating]:
    """GHSA and Bitnami write `database_specific.severity`, Debian `ecosystem_specific.urgency`."""
    for place in ("database_specific", "ecosystem_specific"):
        specific = holder.get(place)
        if isinstance(specific, dict):
            found = (_word(specific.get(name)) for name in ("severity", "urgency"))
            yield from filter(None, found)


def _word(value: object) -> Rating | None:
    severity = _WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    return Rating(severity=severity, basis="database severity") if severity else None
