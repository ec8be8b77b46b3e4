"""A risk somebody accepts: by name, for a reason, and until a day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from scangate.core.model import Finding
from scangate.core.wildcard import matches

EXPIRY_NOTICE: Final = timedelta(days=30)
"""How long before its end a waiver is announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """`rule`, `target` and `subject` take `*`; the day it `expires` is the last that counts."""

    rule: str
    reason: str
    owner: str
    expires: date
    target: str = "*"
    subject: str = "*"

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding; whether it still counts is another question."""
        names = (finding.rule, *finding.aliases)
        return (
            any(matches(name, self.rule) for name in names)
            and matches(finding.target, self.target)
            and matches(finding.subject, self.subject)
        )

    def counts(self, today: date) -> bool:
        """An expired waiver never counts."""
        return today <= self.expires

    def __str__(self) -> str:
        where = "" if self.target == "*" else f" on {self.target}"
        what = "" if self.subject == "*" else f" in {self.subject}"
        return f"{self.rule}{what}{where}"


def notes(
    waivers: Iterable[Waiver],
    findings: Iterable[Finding],
    today: date,
    *,
    targets: Collection[str],
    unseen: Collection[str] = (),
) -> tuple[str, ...]:
    """Waivers that expired, end soon, or match nothing: each is somebody's work.

    `targets` are the ids scanned, `unseen` those that were not looked at completely: what a waiver is for may be there.
    """
    found = tuple(findings)
    said = []
    for waiver in waivers:
        if not waiver.counts(today):
            said.append(f"the waiver for {waiver} expired on {waiver.expires} and no longer counts: ask {waiver.owner}")
        elif not any(map(waiver.covers, found)):
            places = {each for each in targets if matches(each, waiver.target)}
            if not places or places & set(unseen):
                continue
            said.append(f"the waiver for {waiver} matches no finding: remove it, or ask {waiver.owner}")
        elif waiver.expires - today <= EXPIRY_NOTICE:
            days = (waiver.expires - today).days
            said.append(f"the waiver for {waiver} ends on {waiver.expires}, in {days} days: ask {waiver.owner}")
    return tuple(said)
