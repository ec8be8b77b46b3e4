"""Packages against advisories: one vulnerability per package and canonical id, whoever reported it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scangate.advisories.closure import Closure, aliases, close, is_single, rules
from scangate.advisories.evaluate import Match, affected, upgrade
from scangate.advisories.osv import Advisory
from scangate.advisories.schema import Entry
from scangate.advisories.severity import Rating
from scangate.advisories.store import Store
from scangate.advisories.versions import scheme
from scangate.core.identity import preference
from scangate.core.model import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One record that affects one installed version. `ratings`: those of its affected entry, then its own."""

    version: str
    advisory: Advisory
    match: Match
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """One vulnerability in one package (for distributions: one source package).

    `packages` are the affected copies; `hits` say per version why; `dissent` is every (version, record id) where
    another record about it says that the version is not affected. `others` are the remaining records about it, of any
    package. `upgrades`: for each affected version of the package the lowest version that clears all that can be
    cleared, whatever the vulnerability; empty unless each affected copy of this one has a fix.
    """

    rule: str
    aliases: tuple[str, ...]
    name: str
    packages: tuple[Package, ...]
    hits: tuple[Hit, ...]
    dissent: tuple[tuple[str, str], ...]
    others: tuple[Advisory, ...]
    upgrades: tuple[str, ...]

    @property
    def rating(self) -> tuple[Rating, str] | None:
        """The worst opinion of the matched records, else of the others, with the id of its record.

        What is said of several CVEs at once counts only where nobody speaks of this one.
        """
        single = [(each, hit.advisory.id) for hit in self.hits if is_single(hit.advisory) for each in hit.ratings]
        other = [
            (each, advisory.id)
            for advisory in self.others
            for each in (*advisory.ratings, *(each for entry in advisory.affected for each in entry.ratings))
        ]
        shared = [(each, hit.advisory.id) for hit in self.hits for each in hit.ratings]
        for opinions in (single, other, shared):
            if opinions:
                by_preference = sorted(opinions, key=lambda each: preference(each[1]))
                return max(by_preference, key=lambda each: each[0].weight)
        return None

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """The matched records and then the others, each in order of preference."""
        matched = {hit.advisory.id: hit.advisory for hit in self.hits}
        return (*sorted(matched.values(), key=lambda each: preference(each.id)), *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A package there are advisories for, with a version that cannot be compared with theirs."""

    package: Package
    reason: str


@dataclass(slots=True)
class _Group:
    """The copies of one package by version, what the store has on it, and what came of it."""

    name: str
    copies: dict[str, list[Package]]
    entries: tuple[Entry, ...]
    matches: dict[str, list[tuple[Entry, Match]]] = field(default_factory=lambda: defaultdict(list))
    cleared: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    unread: dict[str, str] = field(default_factory=dict)


def match(
    packages: Iterable[Package], store: Store, check: Callable[[], None] = lambda: None
) -> Iterator[Vulnerability | Unread]:
    """Yield what affects the packages, sorted by package and rule, and the packages that could not be compared.

    A package of a distribution is looked up by the name and version of its source package. `check` is called between
    packages, and may raise to stop. Raises ScanError when the store is damaged.
    """
    groups: dict[tuple[str, str], dict[str, list[Package]]] = defaultdict(lambda: defaultdict(list))
    for package in sorted(packages):
        name, version = matched_as(package)
        groups[package.ecosystem, name][version].append(package)
    for (ecosystem, name), copies in sorted(groups.items()):
        check()
        group = _Group(name=name, copies=copies, entries=store.entries(ecosystem, name))
        _evaluate(group)
        for version, reason in group.unread.items():
            yield from (Unread(package=each, reason=reason) for each in copies[version])
        yield from _vulnerabilities(group, store, check)


def matched_as(package: Package) -> tuple[str, str]:
    """Name and version by which advisories know a package."""
    return package.source or package.name, package.source_version or package.version


def _evaluate(group: _Group) -> None:
    for version in group.copies:
        for entry in group.entries:
            try:
                found = affected(version, entry.affected)
            except ValueError as error:
                group.unread[version] = str(error)
                continue
            if found:
                group.matches[version].append((entry, found))
            else:
                group.cleared[version].add(entry.record)


def _vulnerabilities(group: _Group, store: Store, check: Callable[[], None]) -> Iterator[Vulnerability]:
    by_rule: dict[str, dict[tuple[str, str], Hit]] = defaultdict(dict)
    for version, matches in group.matches.items():
        for entry, found in matches:
            check()
            hit = _hit(version, store.advisory(entry.record), entry.position, found)
            for rule in rules(hit.advisory, store):
                by_rule[rule].setdefault((version, hit.advisory.id), hit)
    upgrades = {version: _upgrade(version, group.entries) for version in group.matches}
    for rule, hits in sorted(by_rule.items(), key=lambda each: preference(each[0])):
        yield _vulnerability(rule, tuple(hits.values()), group, upgrades, store)


def _hit(version: str, advisory: Advisory, position: int, found: Match) -> Hit:
    ratings = (*advisory.affected[position].ratings, *advisory.ratings)
    return Hit(version=version, advisory=advisory, match=found, ratings=ratings)


def _vulnerability(
    rule: str, hits: Sequence[Hit], group: _Group, upgrades: dict[str, str], store: Store
) -> Vulnerability:
    start = {rule}.union(*(hit.advisory.names for hit in hits if is_single(hit.advisory)))
    known = close(start, store)
    versions = sorted({hit.version for hit in hits})
    matched = {hit.advisory.id for hit in hits}
    is_fixable = all(any(hit.match.fixed for hit in hits if hit.version == version) for version in versions)
    reached = {upgrades[version] for version in group.matches if upgrades[version]}
    return Vulnerability(
        rule=rule,
        aliases=aliases(rule, known.names),
        name=group.name,
        packages=tuple(each for version in versions for each in group.copies[version]),
        hits=tuple(sorted(hits, key=lambda hit: (hit.version, preference(hit.advisory.id)))),
        dissent=tuple(_dissent(versions, known, matched, group)),
        others=tuple(
            sorted(
                (each for each in known.records.values() if each.id not in matched),
                key=lambda each: preference(each.id),
            )
        ),
        upgrades=_ordered(reached, group) if is_fixable else (),
    )


def _dissent(versions: Sequence[str], known: Closure, matched: set[str], group: _Group) -> Iterator[tuple[str, str]]:
    for version in versions:
        cleared = {known.records[number].id for number in group.cleared[version] & known.records.keys()}
        yield from ((version, each) for each in sorted(cleared - matched, key=preference))


def _ordered(versions: Iterable[str], group: _Group) -> tuple[str, ...]:
    key = scheme(group.entries[0].affected.ecosystem) or str
    return tuple(sorted(sorted(versions), key=key))


def _upgrade(version: str, entries: Iterable[Entry]) -> str:
    try:
        return upgrade(version, (entry.affected for entry in entries))
    except ValueError:
        return ""  # a version without an order has nothing above it
