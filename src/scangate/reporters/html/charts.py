"""Where the parts of a chart lie. Templates draw them as SVG: attributes only, no inline style is allowed.

A bar is 100 wide and stretches with its column, so the words stand beside it in HTML and never shrink with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Severity

_MOST_STEPS: Final = 120
WORST_FIRST: Final = tuple(sorted(Severity, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a bar or of a ring, in hundredths of the whole. `kind` is its CSS class, `label` what it says."""

    kind: str
    label: str
    start: str
    length: str
    count: int


def parts(counts: Iterable[tuple[str, str, int]], whole: int) -> tuple[Part, ...]:
    """Lay (kind, word, count) end to end; what counts nothing is left out."""
    made, start = [], 0
    for kind, word, count in counts:
        if count and whole:
            # Both ends are rounded, not the length: no gap and no overlap, however many parts.
            left, right = round(start * 100 / whole, 2), round((start + count) * 100 / whole, 2)
            label = f"{count:,} {word}"
            made.append(Part(kind=kind, label=label, start=f"{left:g}", length=f"{right - left:.4g}", count=count))
            start += count
    return tuple(made)


def by_severity(counts: Mapping[Severity, int], whole: int = 0) -> tuple[Part, ...]:
    """The parts of a bar of severities, the worst first. `whole`: what the longest bar beside it counts."""
    each = ((f"s{int(severity)}", severity.name.lower(), counts.get(severity, 0)) for severity in WORST_FIRST)
    return parts(each, whole or sum(counts.values()))


def steps(total: int, clears: Sequence[int]) -> str:
    """Draw what is left after each change as an area in a box of 100 x 40, from `total` down; empty for nothing."""
    if not total or not clears:
        return ""
    together = -(-len(clears) // _MOST_STEPS)
    sums = [sum(clears[start : start + together]) for start in range(0, len(clears), together)]
    left, path = total, ["M0 0"]
    for number, cleared in enumerate(sums, 1):
        left = max(0, left - cleared)
        path += [f"H{(number - 0.5) * 100 / len(sums):.4g}", f"V{40 - left * 40 / total:.4g}"]
    return "".join((*path, "H100V40H0Z"))
