"""Packages against advisories: one vulnerability per package and canonical id, whoever reported it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scangate.advisories.closure import Closure, aliases, close, is_single, rules
from scangate.advisories.evaluate import Match, affected, upgrade
from scangate.advisories.fixing import FixState
from scangate.advisories.known_as import is_module_build, lookups, matched_as
from scangate.advisories.schema import Entry
from scangate.advisories.store import Store
from scangate.advisories.versions import scheme
from scangate.advisories.vulnerability import Hit, Unread, Vulnerability
from scangate.core.identity import preference
from scangate.core.model import Package


@dataclass(slots=True)
class _Group:
    """The copies of one package by version, what the store has on it by name, and what came of it."""

    ecosystem: str
    name: str
    copies: dict[str, list[Package]]
    entries: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    matches: dict[str, list[tuple[str, Entry, Match]]] = field(default_factory=lambda: defaultdict(list))
    cleared: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    unread: dict[str, str] = field(default_factory=dict)


def match(
    packages: Iterable[Package], store: Store, check: Callable[[], None] = lambda: None
) -> Iterator[Vulnerability | Unread]:
    """Yield what affects the packages, sorted by package and rule, and the packages that could not be compared.

    How a package is looked up is said in known_as.py. `check` is called between packages, and may raise to stop.
    Raises ScanError when the store is damaged.
    """
    groups: dict[tuple[str, str], dict[str, list[Package]]] = defaultdict(lambda: defaultdict(list))
    for package in sorted(packages):
        name, version = matched_as(package)
        groups[package.ecosystem, name][version].append(package)
    for (ecosystem, name), copies in sorted(groups.items()):
        check()
        group = _Group(ecosystem=ecosystem, name=name, copies=copies)
        _evaluate(group, store)
        for version, reason in group.unread.items():
            yield from (Unread(package=each, reason=reason) for each in copies[version])
        yield from _vulnerabilities(group, store, check)


def _evaluate(group: _Group, store: Store) -> None:
    for version, packages in group.copies.items():
        for name, compared in dict.fromkeys(each for package in packages for each in lookups(package)):
            if name not in group.entries:
                group.entries[name] = store.entries(group.ecosystem, name)
            for entry in group.entries[name]:
                try:
                    found = affected(compared, entry.affected)
                except ValueError as error:
                    group.unread[version] = str(error)
                    continue
                if found:
                    group.matches[version].append((compared, entry, found))
                else:
                    group.cleared[version].add(entry.record)


def _vulnerabilities(group: _Group, store: Store, check: Callable[[], None]) -> Iterator[Vulnerability]:
    by_rule: dict[str, dict[tuple[str, str], Hit]] = defaultdict(dict)
    for version, matches in group.matches.items():
        for compared, entry, found in matches:
            check()
            advisory = store.advisory(entry.record)
            entry_of_record = advisory.affected[entry.position]
            hit = Hit(version=version, compared=compared, advisory=advisory, affected=entry_of_record, match=found)
            for rule in rules(hit.advisory, store):
                by_rule[rule].setdefault((version, hit.advisory.id), hit)
    upgrades = {version: _upgrade(version, group) for version in group.matches}
    for rule, hits in sorted(by_rule.items(), key=lambda each: preference(each[0])):
        yield _vulnerability(rule, tuple(hits.values()), group, upgrades, store)


def _vulnerability(
    rule: str, hits: Sequence[Hit], group: _Group, upgrades: dict[str, str], store: Store
) -> Vulnerability:
    start = {rule}.union(*(hit.advisory.names for hit in hits if is_single(hit.advisory)))
    known = close(start, store)
    versions = sorted({hit.version for hit in hits})
    matched = {hit.advisory.id for hit in hits}
    is_fixable = all(any(hit.match.fixed for hit in hits if hit.version == version) for version in versions)
    reached = {upgrades[version] for version in group.matches if upgrades[version]}
    dissent = tuple(_dissent(versions, known, matched, group))
    return Vulnerability(
        rule=rule,
        aliases=aliases(rule, known.names),
        name=group.name,
        packages=tuple(each for version in versions for each in group.copies[version]),
        hits=tuple(sorted(hits, key=lambda hit: (hit.version, preference(hit.advisory.id)))),
        dissent=dissent,
        others=tuple(
            sorted(
                (each for each in known.records.values() if each.id not in matched),
                key=lambda each: preference(each.id),
            )
        ),
        upgrades=_ordered(reached, group.ecosystem) if is_fixable else (),
        fix_state=_fix_state(hits, is_fixable),
        doubt=_doubt(hits, dissent),
    )


def _fix_state(hits: Sequence[Hit], is_fixable: bool) -> FixState:
    if is_fixable:
        return FixState.FIXED
    return FixState.WILL_NOT_FIX if any(hit.affected.is_refused for hit in hits) else FixState.NOT_FIXED


def _doubt(hits: Sequence[Hit], dissent: Sequence[tuple[str, str]]) -> str:
    """Where every fix was built for a stream of a module, and the package may be of another, or of none."""
    if not hits or not all(is_module_build(hit.match.fixed) for hit in hits):
        return ""
    if dissent:
        return "the fix was built for a stream of a module, and another record says that this version has one"
    if any(not is_module_build(hit.compared) for hit in hits):
        return "the fix was built for a stream of a module, and this package was not"
    return ""


def _dissent(versions: Sequence[str], known: Closure, matched: set[str], group: _Group) -> Iterator[tuple[str, str]]:
    for version in versions:
        cleared = {known.records[number].id for number in group.cleared[version] & known.records.keys()}
        yield from ((version, each) for each in sorted(cleared - matched, key=preference))


def _ordered(versions: Iterable[str], ecosystem: str) -> tuple[str, ...]:
    return tuple(sorted(sorted(versions), key=scheme(ecosystem) or str))


def _upgrade(version: str, group: _Group) -> str:
    """Of the version by which it was matched first; else of the other, where only that has a fix."""
    for compared in dict.fromkeys((version, *(each for each, _entry, _found in group.matches[version]))):
        known = [entry.affected for each, entry, _found in group.matches[version] if each == compared]
        # All that is said of a name counts, because the fix of one record may lie in the range of another.
        named = {entry.package for entry in known}
        entries = [
            each.affected for found in group.entries.values() for each in found if each.affected.package in named
        ]
        try:
            if target := upgrade(compared, entries):
                return target
        except ValueError:
            continue  # a version without an order has nothing above it
    return ""
