"""Which packages there are on which target, each once and with a name of its own, and which a finding is about."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Final

from scangate.core.identity import package_subject
from scangate.core.model import Decision, Finding, Package, Report, State, Surface, Target
from scangate.reporters.outline import line

OURS: Final = "packages"
"""The scanner whose list is taken first; what others list besides is added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One package on one target. `ref` is its bom-ref; `listed` by a scanner, or only named by a finding."""

    ref: str
    target: str
    package: Package
    listed: bool = True


class Inventory:
    """The packages of a report."""

    def __init__(self, report: Report) -> None:
        self.targets: tuple[Target, ...] = tuple(each for each in report.targets if each.surface is Surface.CONTAINER)
        self._known = {each.id for each in self.targets}
        self._entries: dict[str, Entry] = {}
        self._about: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._times: Counter[str] = Counter()
        self._unlisted: dict[tuple[str, str], Entry] = {}
        same: set[tuple[str, ...]] = set()
        for scanner in sorted({run.scanner for run in report.runs}, key=lambda name: (name != OURS, name)):
            before = frozenset(same)
            for run in report.runs:
                if run.scanner == scanner and run.target in self._known:
                    for package in sorted(run.packages):
                        identity = (run.target, package.ecosystem, package.name, package.version)
                        if identity not in before:
                            same.add(identity)
                            self._add(run.target, package, listed=True)
        for decision in filter(is_vulnerability, report.decisions):
            self._named(decision)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, by bom-ref."""
        return tuple(self._entries[ref] for ref in sorted(self._entries))

    def affected(self, decision: Decision) -> tuple[Entry, ...]:
        """Those that a finding is about: what its evidence names, or else all that have its subject."""
        finding = decision.finding
        entries = self._about.get((finding.target, finding.subject), [])
        if len(entries) > 1 and decision.state is not State.FIXED:
            said = {value for evidence in finding.evidence for _name, value in evidence.facts} | {
                finding.location.logical
            }
            named = [each for each in entries if _is_named(each.package, said)]
            entries = named or entries
        return tuple(entries)

    def _add(self, target: str, package: Package, *, listed: bool) -> Entry:
        ref = f"{target}/{line(package.purl or f'{package.name}@{package.version}', 2_000)}"
        self._times[ref] += 1
        if self._times[ref] > 1:  # the same package twice, as in two layers
            ref = f"{ref}#{self._times[ref]}"
        entry = Entry(ref=ref, target=target, package=package, listed=listed)
        self._entries[ref] = entry
        self._about[target, package_subject(package)].append(entry)
        return entry

    def _named(self, decision: Decision) -> None:
        """Add the package of a finding that no scanner listed. One that is gone was there before, and is not now."""
        finding = decision.finding
        if (finding.target, finding.subject) in self._about or decision.state is State.FIXED:
            return
        if finding.target in self._known:
            package = _package(finding)
            key = (finding.target, package.purl)
            if key not in self._unlisted:
                self._unlisted[key] = self._add(finding.target, package, listed=False)
            if package_subject(package) != finding.subject:
                self._about[finding.target, finding.subject].append(self._unlisted[key])


def is_vulnerability(decision: Decision) -> bool:
    """Whether it is about a package: a misconfiguration has no component it could be written at."""
    return decision.finding.subject.startswith("pkg:")


def _package(finding: Finding) -> Package:
    logical = finding.location.logical
    purl = logical if logical.startswith("pkg:") else finding.subject
    bare, _at, version = purl.partition("?")[0].rpartition("@")
    name = (bare or version).rpartition("/")[2]
    return replace(_NOTHING, name=name, version=version if bare else "", purl=purl)


def _is_named(package: Package, said: set[str]) -> bool:
    installed = f"{package.name} {package.version}"
    return package.purl in said or any(each == installed or each.startswith(f"{installed} (") for each in said)


_NOTHING: Final = Package(name="", version="", ecosystem="", purl="")
