"""What the inventories of a report say about a package: the version installed, and the system it is part of."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from scangate.core.identity import package_subject
from scangate.core.model import Finding, Run
from scangate.reporters.outline import line

SYSTEMS: Final = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/")
"""Packages of a distribution."""
_VERSIONS: Final = 3


class Installed:
    """Looks at the inventories when it is first asked: most kinds of reports never do."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs = tuple(runs)

    def version(self, finding: Finding) -> str:
        """Return the version of the package that a finding is about, several by comma; empty when nobody says it."""
        found = self._versions.get((finding.target, finding.subject), set())
        shown = sorted(found)[:_VERSIONS]
        return line(", ".join(shown) + (", …" if len(found) > len(shown) else ""), 255)

    def system(self, target: str) -> str:
        """Return the distribution of an image, as `debian:12`; `unknown` for one without."""
        counts = self._systems.get(target)
        if not counts:
            return "unknown"
        name, _count = min(counts.items(), key=lambda each: (-each[1], each[0]))
        return line(name.lower(), 255) or "unknown"

    @cached_property
    def _versions(self) -> dict[tuple[str, str], set[str]]:
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for run in self._runs:
            for package in run.packages:
                found[run.target, package_subject(package)].add(package.version)
        return found

    @cached_property
    def _systems(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for run in self._runs:
            found[run.target].update(each.ecosystem for each in run.packages if each.purl.startswith(SYSTEMS))
        return found
