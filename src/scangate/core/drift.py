"""What listens now and did not in the baseline, or is another than it was.

Like is compared with like: what a scanner saw now with what the same scanner saw then, on hosts that it covered both
times. A change that nobody could have seen is none.
"""

import contextlib
import ipaddress
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scangate.core.drift_rules import CERTIFICATE, HOST_KEY, PORT, SERVICE, VERSION, Place, Rule, finding
from scangate.core.model import Finding, Kind, Report, Run, Service, Status, Target

HOSTS: Final = "hosts"
"""The unit of scanners that look at all ports asked for; others know only what they were told is open."""
PASSIVE: Final = "passive"
GUESSED: Final = "table"
"""How nmap knows a name that it took from the port's number alone."""
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What changed, and what could not be compared."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def drift(runs: Sequence[Run], targets: Iterable[Target], baseline: Report | None) -> Drift:
    """Compare the services of these runs with those of a baseline. Without a baseline nothing is new."""
    if baseline is None:
        return Drift()
    findings: list[Finding] = []
    notes: list[str] = []
    known = {target.id: target for target in baseline.targets}
    for target in targets:
        before = known.get(target.id)
        if target.kind is not Kind.HOSTS or before is None or before.kind is not Kind.HOSTS:
            continue
        if before.ports != target.ports:
            asked = f"`{before.ports or 'the usual ones'}` and now `{target.ports or 'the usual ones'}`"
            notes.append(f"no port of {target.id} is called new: the baseline asked for {asked}")
        services = [each for run in baseline.runs if run.target == target.id for each in run.services]
        was_open = frozenset(_by_place(services, before))
        for now, then in _pairs(target.id, runs, baseline.runs):
            findings += _of_scanner(now, then, target, before, was_open)
    return Drift(findings=tuple(findings), notes=tuple(notes))


def _pairs(target: str, runs: Iterable[Run], before: Iterable[Run]) -> Iterator[tuple[Run, Run]]:
    then = {run.scanner: run for run in before if run.target == target and run.status is Status.OK}
    for run in runs:
        if run.target == target and run.status is Status.OK and run.scanner in then:
            yield run, then[run.scanner]


def _of_scanner(now: Run, then: Run, target: Target, before: Target, was_open: frozenset[Place]) -> Iterator[Finding]:
    old = _by_place(then.services, before)
    asked = _Named(before.addresses)
    uncovered = _Named(gap.what for gap in (*now.gaps, *then.gaps))
    for place, services in sorted(_by_place(now.services, target).items()):
        words = {place[0], *(each.address or each.host for each in services)}
        if not any(word in asked for word in words) or any(word in uncovered for word in words):
            continue
        is_seen = now.unit == HOSTS and any(each.method != PASSIVE for each in services)
        if place in old:
            yield from _changes(services, old[place], place, now)
        elif is_seen and place not in was_open and before.ports == target.ports:
            yield finding(PORT, place, now.target, now.scanner, was="", now=_spoken(services))


def _changes(services: Sequence[Service], old: Sequence[Service], place: Place, run: Run) -> Iterator[Finding]:
    """A host with several addresses has several answers: it changed when it gives none of the old ones any more."""
    if changed := _differ(services, old, lambda each: each.product) or _renamed(services, old):
        yield _changed(SERVICE, place, run, changed)
    elif changed := _differ(services, old, lambda each: each.version):
        yield _changed(VERSION, place, run, changed)
    if changed := _differ(services, old, lambda each: each.host_key):
        yield _changed(HOST_KEY, place, run, changed)
    if changed := _differ(services, old, lambda each: each.certificate):
        yield _changed(CERTIFICATE, place, run, changed)


def _renamed(services: Sequence[Service], old: Sequence[Service]) -> tuple[str, str] | None:
    """Of services without a product, the name; not one that comes from the port's number."""
    if any(each.product for each in (*services, *old)):
        return None
    return _differ(services, old, lambda each: "" if each.method == GUESSED else each.name)


def _changed(rule: Rule, place: Place, run: Run, changed: tuple[str, str]) -> Finding:
    was, now = changed
    return finding(rule, place, run.target, run.scanner, was=was, now=now)


def _differ(
    services: Sequence[Service], old: Sequence[Service], of: Callable[[Service], str]
) -> tuple[str, str] | None:
    was, now = ({value for each in some if (value := of(each))} for some in (old, services))
    return (_some(was), _some(now)) if was and now and not was & now else None


class _Named:
    """Hosts as targets and gaps name them: by word, by address, or by a network around them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words: set[str] = set()
        self._networks: set[ipaddress.IPv4Network | ipaddress.IPv6Network] = set()
        for text in texts:
            for word in text.lower().split():
                self._words |= {word, word.strip("[]"), word.rpartition(":")[0].strip("[]")}
                if "/" in word:
                    with contextlib.suppress(ValueError):
                        self._networks.add(ipaddress.ip_network(word, strict=False))

    def __contains__(self, word: str) -> bool:
        if word.lower() in self._words:
            return True
        try:
            address = ipaddress.ip_address(word)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _by_place(services: Iterable[Service], target: Target) -> Mapping[Place, list[Service]]:
    named = frozenset(each.lower() for each in target.addresses)
    found: defaultdict[Place, list[Service]] = defaultdict(list)
    for service in services:
        if service.state == "open":
            words = (word for word in (service.host, service.hostname) if word.lower() in named)
            found[next(words, service.host), service.port, service.protocol].append(service)
    return found


def _spoken(services: Iterable[Service]) -> str:
    return _some({" ".join(filter(None, (each.name, each.product, each.version))) for each in services} - {""})


def _some(values: Iterable[str]) -> str:
    ordered = sorted(values)
    more = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return f"{', '.join(ordered[:_SHOWN])}{more}"
