"""Which series of the databases their makers have stopped maintaining, and who goes on.

Sources, as of 2026-11: postgresql.org/support/versioning, mariadb.org/about (maintenance policy), Oracle's lifetime
support policy for MySQL, redis.io (release lifecycle), mongodb.com/legal/support-policy/lifecycles; Debian's and
Ubuntu's own support periods (Debian with LTS, Ubuntu without ESM).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners.databases.rules import ENDED
from scangate.scanners.network.rule import Hit

_SERIES: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """`ends`: the last day its makers mended it. `kept`: a distribution that mends its own copy, and until when."""

    ends: date
    kept: tuple[str, date] | None = None


_BOOKWORM: Final = ("Debian 12", date(2028, 6, 30))
_JAMMY: Final = ("Ubuntu 22.04", date(2027, 4, 30))
_NOBLE: Final = ("Ubuntu 24.04", date(2029, 4, 30))
_TABLE: Final[dict[str, dict[str, Series]]] = {
    "PostgreSQL": {
        "9": Series(ends=date(2021, 11, 11)), "10": Series(ends=date(2022, 11, 10)),
        "11": Series(ends=date(2023, 11, 9)), "12": Series(ends=date(2024, 11, 21)),
        "13": Series(ends=date(2025, 11, 13)), "14": Series(ends=date(2026, 11, 12), kept=_JAMMY),
        "15": Series(ends=date(2027, 11, 11), kept=_BOOKWORM), "16": Series(ends=date(2028, 11, 9), kept=_NOBLE),
        "17": Series(ends=date(2029, 11, 8)), "18": Series(ends=date(2030, 11, 14)),
    },
    "MariaDB": {
        "5": Series(ends=date(2020, 4, 11)), "10.0": Series(ends=date(2019, 3, 31)),
        "10.1": Series(ends=date(2020, 10, 17)), "10.2": Series(ends=date(2022, 5, 23)),
        "10.3": Series(ends=date(2023, 5, 25)), "10.4": Series(ends=date(2024, 6, 18)),
        "10.5": Series(ends=date(2025, 6, 24)), "10.6": Series(ends=date(2026, 7, 6), kept=_JAMMY),
        "10.7": Series(ends=date(2023, 2, 9)), "10.8": Series(ends=date(2023, 5, 20)),
        "10.9": Series(ends=date(2023, 8, 22)), "10.10": Series(ends=date(2023, 11, 17)),
        "10.11": Series(ends=date(2028, 2, 16), kept=_BOOKWORM), "11.0": Series(ends=date(2024, 6, 6)),
        "11.1": Series(ends=date(2024, 8, 21)), "11.2": Series(ends=date(2024, 11, 21)),
        "11.4": Series(ends=date(2029, 5, 29)), "11.8": Series(ends=date(2028, 6, 4)),
    },
    "MySQL": {
        "5": Series(ends=date(2023, 10, 31)), "8.0": Series(ends=date(2026, 4, 30), kept=_NOBLE),
        "8.4": Series(ends=date(2032, 4, 30)),
    },
    "Redis": {
        "4": Series(ends=date(2020, 4, 30)), "5": Series(ends=date(2022, 4, 27)),
        "6.0": Series(ends=date(2022, 4, 27), kept=_JAMMY), "6.2": Series(ends=date(2025, 2, 28)),
        "7.0": Series(ends=date(2024, 7, 29), kept=_BOOKWORM), "7.2": Series(ends=date(2026, 2, 28)),
    },
    "MongoDB": {
        "3": Series(ends=date(2021, 4, 30)), "4.0": Series(ends=date(2022, 4, 30)),
        "4.2": Series(ends=date(2023, 4, 30)), "4.4": Series(ends=date(2024, 2, 29)),
        "5.0": Series(ends=date(2024, 10, 31)), "6.0": Series(ends=date(2025, 7, 31)),
        "7.0": Series(ends=date(2027, 8, 31)), "8.0": Series(ends=date(2029, 10, 31)),
    },
}  # fmt: skip


def ended(product: str, version: str, where: str, today: date) -> Iterator[Hit]:
    """The rule for a version that nobody is known to maintain. A series that is not in the table is not judged.

    Where a distribution goes on with a series, the server's word cannot tell whether it is that copy: it is then worth
    a look, and no more.
    """
    match = _SERIES.match(version)
    series = _TABLE.get(product, {})
    found = match and (series.get(f"{match[1]}.{match[2]}") or series.get(match[1]))
    if not found or found.ends >= today:
        return
    said = f"{where} is {product} {version[:40]}, which its makers stopped maintaining on {found.ends}"
    facts = (("version", version[:80]), ("maintained until", str(found.ends)))
    if found.kept and found.kept[1] >= today:
        name, until = found.kept
        yield Hit(
            rule=ENDED, said=f"{said}; {name} maintains its own copy until {until}", severity=Severity.INFO,
            confidence=Confidence.POTENTIAL, facts=facts,
        )  # fmt: skip
    else:
        yield Hit(rule=ENDED, said=said, facts=facts)
