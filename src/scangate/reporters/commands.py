"""What the commands of two CI systems have in common: the log shows ten of a kind, so which ten is chosen here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Report, Verdict
from scangate.reporters.entries import GAP, Entry, entries
from scangate.reporters.outline import line, way_out

TEN: Final = 10
"""Annotations of one type that a step may have; more are dropped without a word."""
_GAPS: Final = 4
"""Of the warnings, how many are kept for gaps that the verdict does not mind."""
_READ: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One annotation: its level (error, warning or note), its words, and the entry it is about, if any."""

    level: str
    title: str
    text: str
    entry: Entry | None = None


def chosen(report: Report) -> Iterator[Shown]:
    """The verdict, then at most ten of each level with it, the most important first; what was left out is counted."""
    found = entries(report, _READ)
    verdict = _verdict(report)
    yield verdict
    hidden = 0
    for level in ("error", "warning", "note"):
        ranked = [each for each in found if each.level == level]
        room = TEN - (level == verdict.level) - (level == "note")
        kept = _kept(ranked, room)
        hidden += len(ranked) - len(kept)
        for each in kept:
            yield Shown(level=level, title=f"{each.severity.name.lower()} {each.rule}", text=each.text, entry=each)
    if hidden:
        yield Shown(level="note", title="scangate", text=f"Not shown here: {hidden:,} more, see the report.")


def _kept(ranked: list[Entry], room: int) -> list[Entry]:
    """The first, but with room for gaps: a scan that failed must not hide behind findings."""
    gaps = [each for each in ranked if each.rule == GAP][:_GAPS]
    findings = [each for each in ranked if each.rule != GAP]
    return [*findings[: room - len(gaps)], *gaps]


def _verdict(report: Report) -> Shown:
    level = "note" if report.verdict is Verdict.PASS else "error"
    why = "; ".join(line(each.text, 300) for each in report.reasons[:3])
    changes = "; ".join(line(each.summary, 200) for each in report.changes[:3])
    text = f"{report.verdict}: {why}" + (f". {way_out(report)}: {changes}" if changes else "")
    return Shown(level=level, title="scangate", text=line(text))
