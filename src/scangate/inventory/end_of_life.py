"""Releases of distributions that get no security updates any more: end_of_life.tsv has the dates and who says so.

Its columns: ID, release, last day of the updates that everybody gets, last day of those that some get (`extended`),
what these are called, and the source. For a release that it does not have, its own os-release may say the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

from scangate.inventory.os_release import Release

_OWN: Final = "os-release"
_PARTS: Final = 2
"""Numbers of a release that have a life of their own, where it is not the first alone."""
_BY_MINOR: Final = frozenset({"alpine", "opensuse-leap", "sled", "sles", "ubuntu"})
_SAME: Final = {"sled": "sles", "raspbian": "debian"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfLife:
    """A release without updates. `ended`: the last day of the updates for everybody.

    `extended` is the last day of those for some, `by` what they are called (`LTS`, `ELS`); None where there are none.
    `covered`: they still last, so it may be that this image gets them.
    """

    title: str
    ended: date
    extended: date | None = None
    by: str = ""
    covered: bool = False
    source: str = _OWN


def end_of_life(release: Release, today: date) -> EndOfLife | None:
    """Return when the support of a release ended. None while it lasts, its last day included, or when nobody says."""
    row = _table().get(_key(release))
    if row is None:
        ended, extended, by, source = release.support_end, None, "", _OWN
    else:
        ended, extended, by, source = row
    if ended is None or today <= ended:
        return None
    covered = extended is not None and today <= extended
    return EndOfLife(title=release.title, ended=ended, extended=extended, by=by, covered=covered, source=source)


def _key(release: Release) -> tuple[str, str]:
    name, version = _SAME.get(release.name, release.name), release.version
    if name == "openeuler":  # VERSION_ID does not tell its service packs apart
        return name, release.ecosystem.partition(":")[2]
    if release.ecosystem.endswith(":edge"):  # its number is that of a release to come
        return name, ""
    if name == "centos" and not release.ecosystem:
        name = "centos-stream"
    parts = version.split(".")
    if name not in _BY_MINOR:
        return name, parts[0]
    return name, ".".join([*parts, "0"][:_PARTS])


@cache
def _table() -> Mapping[tuple[str, str], tuple[date, date | None, str, str]]:
    text = resources.files("scangate.inventory").joinpath("end_of_life.tsv").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines()[1:]:
        name, release, ends, extended, by, source = line.split("\t")
        last = date.fromisoformat(extended) if extended else None
        found[name, release] = (date.fromisoformat(ends), last, by, source)
    return found
