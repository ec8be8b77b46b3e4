"""Why a vulnerability is found in what is installed, or why it is not: every record about it, entry by entry.

    explained = explain("CVE-2024-1234", packages, store)
    for record in explained.records:
        for verdict in record.verdicts:
            verdict.answer, verdict.because

It asks the same functions as matching does, so that it cannot tell another story.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scangate.advisories import names, reasons
from scangate.advisories.closure import close
from scangate.advisories.evaluate import Match, affected
from scangate.advisories.fixing import FixState
from scangate.advisories.known_as import lookups
from scangate.advisories.matching import match
from scangate.advisories.osv import Advisory, Affected, parse
from scangate.advisories.schema import Exploited, Holding, Likelihood
from scangate.advisories.store import Store
from scangate.advisories.vulnerability import Vulnerability
from scangate.core.identity import preference
from scangate.core.model import Package

MAX_RECORDS: Final = 100
"""Records that are looked at; of one vulnerability there are some ten, one for each distribution."""
Installed = Mapping[tuple[str, str], list[tuple[Package, str]]]
"""By ecosystem and name: the copies, each with the version that is compared."""


class Answer(StrEnum):
    """What one entry of a record says about what is installed."""

    AFFECTED = "affected"
    NOT_AFFECTED = "not affected"
    NOT_INSTALLED = "not installed"
    OTHER_ECOSYSTEM = "of another ecosystem"
    UNREAD = "cannot be compared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One entry against one version. `compared` is empty when nothing of that name is installed.

    `steps`: how the version compares with each version of the entry's ranges, as `below fixed 1.2`.
    """

    answer: Answer
    because: str
    affected: Affected
    compared: str = ""
    steps: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    match: Match | None = None

    @property
    def fix_state(self) -> FixState:
        if self.match and self.match.fixed:
            return FixState.FIXED
        return FixState.WILL_NOT_FIX if self.affected.is_refused else FixState.NOT_FIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One advisory and what its entries say, those about something installed first."""

    advisory: Advisory
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that is known. `names`: every id of it. `found`: what a scan reports of it, one for each package.

    `holdings`: the data there are of the ecosystems that are installed; `missing`: those of which there are none.
    """

    asked: str
    names: tuple[str, ...]
    records: tuple[Record, ...]
    found: tuple[Vulnerability, ...]
    exploited: Exploited | None
    likelihood: Likelihood | None
    holdings: tuple[Holding, ...]
    missing: tuple[str, ...]


def explain(asked: str, packages: Iterable[Package], store: Store) -> Explanation:
    """Explain one id (CVE-, GHSA-, DSA-, any that a record carries). Raises ScanError when the store is damaged."""
    known = tuple(packages)
    advisories = _about(asked, store)
    closed = close({asked}, store).names
    installed = _installed(known)
    records = tuple(Record(advisory=each, verdicts=tuple(_verdicts(each, installed))) for each in advisories)
    concerned = {package for each in records for verdict in each.verdicts for package in verdict.packages}
    found = [each for each in match(concerned, store) if isinstance(each, Vulnerability)]
    cves = sorted((name for name in closed if name.startswith("CVE-")), key=preference)
    ecosystems = sorted({package.ecosystem for package in known if package.ecosystem})
    held = {each.ecosystem: each for each in store.holdings()}
    return Explanation(
        asked=asked,
        names=tuple(sorted(closed, key=preference)),
        records=tuple(sorted(records, key=_importance)),
        found=tuple(each for each in found if closed & {each.rule, *each.aliases, *_ids(each)}),
        exploited=next(filter(None, map(store.kev, cves)), None),
        likelihood=next(filter(None, map(store.epss, cves)), None),
        holdings=tuple(held[each] for each in ecosystems if each in held),
        missing=tuple(each for each in ecosystems if each not in held),
    )


def spelling(identifier: str) -> str:
    """Write an id as databases do, however it was typed: `cve-2024-1`, `ghsa-ABCD-...`."""
    text = identifier.strip()
    front, dash, rest = text.partition("-")
    if front.upper() == "GHSA":
        return f"GHSA-{rest.lower()}"
    return f"{front.upper()}{dash}{rest}" if front.lower() == "cve" else text


def _ids(found: Vulnerability) -> Iterator[str]:
    return (hit.advisory.id for hit in found.hits)


def _about(asked: str, store: Store) -> tuple[Advisory, ...]:
    """Every record that carries one of its ids: also those about several vulnerabilities, and one withdrawn."""
    numbers = dict.fromkeys(
        number for name in sorted(close({asked}, store).names, key=preference) for number in store.about(name)
    )
    found = {advisory.id: advisory for advisory in map(store.advisory, list(numbers)[:MAX_RECORDS])}
    if asked not in found and (raw := store.raw(asked)):
        found[asked] = parse(raw)
    return tuple(found.values())


def _installed(packages: Iterable[Package]) -> Installed:
    found: dict[tuple[str, str], list[tuple[Package, str]]] = defaultdict(list)
    for package in sorted(packages):
        for name, version in lookups(package):
            found[names.canonical(package.ecosystem), names.package(package.ecosystem, name)].append((package, version))
    return found


def _importance(record: Record) -> tuple[int, tuple[int, int, int, str]]:
    order = list(Answer)
    return min((order.index(each.answer) for each in record.verdicts), default=len(order)), preference(
        record.advisory.id
    )


def _verdicts(advisory: Advisory, installed: Installed) -> Iterator[Verdict]:
    ecosystems = {ecosystem for ecosystem, _name in installed}
    for entry in advisory.affected:
        copies: dict[str, list[Package]] = defaultdict(list)
        for package, version in installed.get((entry.ecosystem, entry.package), ()):
            copies[version].append(package)
        for version, packages in copies.items():
            yield _verdict(entry, version, tuple(packages), withdrawn=advisory.withdrawn)
        if not copies:
            answer = Answer.NOT_INSTALLED if entry.ecosystem in ecosystems else Answer.OTHER_ECOSYSTEM
            yield Verdict(answer=answer, because=_absence(entry, answer, installed), affected=entry)


def _absence(entry: Affected, answer: Answer, installed: Installed) -> str:
    if answer is Answer.NOT_INSTALLED:
        return f"no package {entry.package} of {entry.ecosystem} is installed"
    elsewhere = sorted(ecosystem for ecosystem, name in installed if name == entry.package)
    if elsewhere:
        return (
            f"{entry.package} is installed from {' and '.join(elsewhere)}, and this is about that of {entry.ecosystem}"
        )
    return f"nothing of {entry.ecosystem} is installed"


def _verdict(entry: Affected, version: str, packages: tuple[Package, ...], *, withdrawn: bool) -> Verdict:
    steps = tuple(reasons.steps(version, entry))
    try:
        found = affected(version, entry)
    except ValueError as error:
        answer, because, found = Answer.UNREAD, str(error), None
    else:
        answer = Answer.AFFECTED if found else Answer.NOT_AFFECTED
        because = found.range if found else reasons.outside(version, entry)
    if withdrawn:
        answer, because, found = Answer.WITHDRAWN, "its author has taken the record back", None
    return Verdict(
        answer=answer,
        because=because,
        affected=entry,
        compared=version,
        steps=steps,
        packages=packages,
        match=found,
    )
