"""The hash by which GitHub recognises a line: what its upload action computes as `primaryLocationLineHash`.

It covers the hundred characters from the start of a line on, blanks left out, over following lines, and so survives
that lines are added above. Characters are UTF-16 code units, as JavaScript counts them.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

WINDOW: Final = 100
_FACTOR: Final = 37
_64_BITS: Final = 2**64 - 1
_OLDEST: Final = pow(_FACTOR, WINDOW, 2**64)
_END: Final = 65_535
_UNITS: Final = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_TAB, _LF, _CR, _SPACE = 9, 10, 13, 32


def line_hashes(text: str) -> Mapping[int, str]:
    """Hash every line, by its 1-based number. An equal hash counts up: `c52f781a43dbc195:2`."""
    units = array("I", _kept(text))
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == _LF)]
    units.append(_END)
    units.extend([0] * WINDOW)
    wanted = iter(starts)
    start, number, rolling = next(wanted), 1, 0
    seen: Counter[int] = Counter()
    found: dict[int, str] = {}
    for at in range(len(units)):
        if at == start + WINDOW:
            seen[rolling] += 1
            found[number] = f"{rolling:x}:{seen[rolling]}"
            start, number = next(wanted, len(units)), number + 1
        oldest = units[at - WINDOW] if at >= WINDOW else 0
        rolling = (_FACTOR * rolling + units[at] - _OLDEST * oldest) & _64_BITS
    if start + WINDOW == len(units):
        found[number] = f"{rolling:x}:{seen[rolling] + 1}"
    return found


def _kept(text: str) -> Iterator[int]:
    """The code units that count: no blanks, and every end of a line a line feed."""
    after_return = False
    for unit in memoryview(text.encode(_UNITS, "surrogatepass")).cast("H"):
        if unit in {_SPACE, _TAB} or (after_return and unit == _LF):
            after_return = False
            continue
        after_return = unit == _CR
        yield _LF if after_return else unit
