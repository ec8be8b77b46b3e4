"""The map of what can be reached: a row for each host, a column for each port, a mark where something listens."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Decision, Report, Service, Severity, State
from scangate.reporters.html.fitting import Fitting, fit, short

HOSTS: Final = 60
PORTS: Final = 40
"""Rows and columns of one map; the others are counted."""
_CELL: Final = 28
_HEAD: Final = 76
_LETTER: Final = 7.3
"""Pixels of a letter of the labels, which are monospaced."""
_SIGNS: Final = {
    Severity.CRITICAL: "C",
    Severity.HIGH: "H",
    Severity.MEDIUM: "M",
    Severity.LOW: "L",
    Severity.INFO: "i",
    Severity.UNKNOWN: "?",
}
_NOTHING: Final = ("open", "")
_SUBJECT: Final = re.compile(r"(?P<host>\[[^\]]*\]|.*?):(?P<port>\d{1,5})/(?P<protocol>\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word on the map, and where its row or column begins."""

    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that listens: the worst that is known about it gives its class and its sign."""

    x: str
    y: str
    kind: str
    sign: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """One target's hosts and ports."""

    target: str
    width: int
    height: int
    left: int
    hosts: tuple[Label, ...]
    ports: tuple[Label, ...]
    marks: tuple[Mark, ...]
    more_hosts: int
    more_ports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A row of the table beside the map, for those who would rather read."""

    target: str
    host: str
    port: str
    what: str
    security: str
    worst: str
    severity: Severity | None
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """All maps, and the table of everything on them."""

    maps: tuple[Map, ...]
    services: Fitting[Listener]
    hosts: int


def exposure(report: Report) -> Exposure | None:
    """Draw what the runs saw listening; None where they saw nothing."""
    seen: dict[str, dict[tuple[str, int, str], Service]] = defaultdict(dict)
    for run in report.runs:
        for each in run.services:
            seen[run.target].setdefault((each.host, each.port, each.protocol), each)
    if not seen:
        return None
    known = _known(report.decisions)
    order = sorted(seen)
    every = [(target, seen[target][key]) for target in order for key in sorted(seen[target])]
    return Exposure(
        maps=tuple(_map(target, seen[target], known) for target in order[:10]),
        services=fit((_listener(*each, known) for each in every), len(every), most=1_000, size=600_000),
        hosts=len({(target, each.host) for target, each in every}),
    )


def _known(decisions: Iterable[Decision]) -> Mapping[tuple[str, str, int, str], list[Severity]]:
    """Sort the findings that are still there by what listens."""
    found: dict[tuple[str, str, int, str], list[Severity]] = defaultdict(list)
    for each in decisions:
        if each.state is not State.FIXED and not each.waived and (match := _SUBJECT.fullmatch(each.finding.subject)):
            key = (each.finding.target, match["host"].strip("[]"), int(match["port"]), match["protocol"])
            found[key].append(each.finding.severity)
    return found


def _map(
    target: str,
    services: Mapping[tuple[str, int, str], Service],
    known: Mapping[tuple[str, str, int, str], list[Severity]],
) -> Map:
    # The most exposed hosts and the ports with most hosts are kept; what is kept stands in its natural order.
    by_host: dict[str, int] = defaultdict(int)
    by_port: dict[tuple[int, str], int] = defaultdict(int)
    for host, port, protocol in services:
        by_host[host] += 1
        by_port[port, protocol] += 1
    hosts = sorted(sorted(by_host, key=lambda each: (-by_host[each], each))[:HOSTS])
    ports = sorted(sorted(by_port, key=lambda each: (-by_port[each], each))[:PORTS])
    names = [short(each, 40) for each in hosts]
    left = int(max(map(len, names)) * _LETTER) + 14
    marks = tuple(
        _mark(services[host, *port], known.get((target, host, *port), []), left + _CELL * column, _HEAD + _CELL * row)
        for row, host in enumerate(hosts)
        for column, port in enumerate(ports)
        if (host, *port) in services
    )
    return Map(
        target=short(target, 100),
        width=left + _CELL * len(ports) + 40,
        height=_HEAD + _CELL * len(hosts) + 6,
        left=left,
        hosts=tuple(Label(text=name, at=str(_HEAD + _CELL * row)) for row, name in enumerate(names)),
        ports=tuple(
            Label(text=f"{port}/{short(protocol, 8)}", at=str(left + _CELL * column))
            for column, (port, protocol) in enumerate(ports)
        ),
        marks=marks,
        more_hosts=len(by_host) - len(hosts),
        more_ports=len(by_port) - len(ports),
    )


def _mark(service: Service, found: list[Severity], x: int, y: int) -> Mark:
    kind, sign = (f"s{int(max(found))}", _SIGNS[max(found)]) if found else _NOTHING
    worst = f": {max(found).name.lower()}, {len(found):,} in all" if found else ": no finding"
    where = f"{short(service.host, 60)} {service.port}/{short(service.protocol, 8)} {short(service.name, 30)}".rstrip()
    return Mark(x=str(x), y=str(y), kind=kind, sign=sign, label=where + worst)


def _listener(target: str, service: Service, known: Mapping[tuple[str, str, int, str], list[Severity]]) -> Listener:
    found = known.get((target, service.host, service.port, service.protocol), [])
    what = " ".join(filter(None, (service.name, service.product, service.version, service.extra)))
    security = service.tls or ("TLS" if service.tunnel == "ssl" else "")
    return Listener(
        target=short(target, 60),
        host=short(f"{service.host} ({service.hostname})" if service.hostname else service.host, 200),
        port=f"{service.port}/{short(service.protocol, 8)}",
        what=short(what, 200),
        security=short(security, 40),
        worst=max(found).name.lower() if found else "none",
        severity=max(found) if found else None,
        findings=len(found),
    )
