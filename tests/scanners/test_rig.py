"""Every scanner of hosts against the rig: all of facts.tsv on the weak side, nothing on the hardened one.

It takes minutes, most of them nmap's waiting, and needs root and 20 servers from Debian: `make rig`.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import pytest

import rig
from rig.facts import Fact, facts
from rig.site import HARDENED, PASSWORD, WEAK, site
from scangate.core.model import Finding, Gap, Item, Kind, Service, Severity, Target
from scangate.errors import ScanError
from scangate.home import home
from scangate.scanners import Context, Scanner

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("rig"),
    pytest.mark.skipif(
        "SCANGATE_RIG" not in os.environ, reason="takes minutes, and 20 servers from Debian: `make rig`"
    ),
]

SCANNERS = {
    "nmap": "nmap:Nmap",
    "access": "access:Access",
    "databases": "databases:Databases",
    "http": "web:Web",
    "ssh_audit": "ssh_audit:SshAudit",
    "tls": "tls:Tls",
}
NOT_YET = {
    ("net-cleartext-tftp", "access"): "nmap calls TFTP `open|filtered`, and endpoints() takes what is `open` only",
    ("gaps", "access"): "etcd that wants a client certificate is a gap: `does not speak HTTP`",
}
"""What the scanners still miss, and why; strict, so that mending one shows."""
TRUE_THERE = {
    ("http-version-banner", "3128/tcp"): "tinyproxy cannot be kept from telling its version",
}
"""Findings on the hardened side that are right."""
OPTIONS: dict[str, dict[str, object]] = {
    "access": {"zones": ["rig.example"]},
    "databases": {"trust": ["authority.pem"]},
    "tls": {"trust": ["authority.pem"]},
}
PAIRS = [(fact, scanner) for fact in facts() for scanner in sorted(fact.scanners)]


def known(*keys: tuple[str, str]) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(reason=NOT_YET[key]) for key in keys if key in NOT_YET]


@dataclass(frozen=True)
class Seen:
    """What one scanner yielded on one side."""

    address: str
    items: tuple[Item, ...]

    @property
    def findings(self) -> dict[tuple[str, str], Severity]:
        mine = [each for each in self.items if isinstance(each, Finding)]
        return {(each.rule, each.subject.removeprefix(f"{self.address}:")): each.severity for each in mine}

    @property
    def gaps(self) -> list[Gap]:
        return [each for each in self.items if isinstance(each, Gap)]


@dataclass(frozen=True)
class Rig:
    """Both sides, looked at once by each scanner."""

    sides: dict[str, rig.Running]
    look: Callable[[str, str], Seen]


def scanner(name: str) -> Scanner:
    module, _, kind = SCANNERS[name].partition(":")
    made: Scanner = getattr(import_module(f"scangate.scanners.{module}"), kind)()
    return made


@pytest.fixture(scope="module")
def both() -> Iterator[Rig]:
    if os.geteuid() != 0:
        pytest.skip("the rig needs root")
    with (
        pytest.MonkeyPatch.context() as patch,
        site(WEAK) as weak,
        site(HARDENED, weak.authority) as hardened,
        rig.start(weak) as weak_side,
        rig.start(hardened) as hardened_side,
    ):
        for name in ("MYSQL", "MONGODB", "POSTGRESQL", "REDIS"):
            patch.setenv(f"SCANGATE_{name}_USER", "scangate")
            patch.setenv(f"SCANGATE_{name}_PASSWORD", PASSWORD)
        sides = {WEAK: weak_side, HARDENED: hardened_side}

        @cache
        def look(name: str, side: str) -> Seen:
            ports = rig.listening(sides[side].address)
            target = Target(
                id="rig",
                kind=Kind.HOSTS,
                addresses=(sides[side].address,),
                ports=",".join(f"{'U' if each.endswith('udp') else 'T'}:{each.partition('/')[0]}" for each in ports),
                expect=ports,
            )
            folder = sides[side].site.folder
            (folder / "authority.pem").write_bytes(weak.authority.certificate)
            seen = () if name == "nmap" else look("nmap", side).items
            ctx = Context(
                root=folder,
                home=home(),
                deadline=time.monotonic() + 600,
                options=OPTIONS.get(name, {}),
                services=tuple(each for each in seen if isinstance(each, Service)),
            )
            items: list[Item] = []
            try:
                items.extend(scanner(name).scan(target, ctx))
            except ScanError as error:
                pytest.skip(f"{name}: {error.message}") if "not installed" in error.message else pytest.fail(str(error))
            return Seen(address=sides[side].address, items=tuple(items))

        with ThreadPoolExecutor(2) as executor:  # most of it is waiting
            list(executor.map(lambda side: look("nmap", side), sides))
        yield Rig(sides=sides, look=look)


@pytest.mark.parametrize(
    ("fact", "name"),
    [
        pytest.param(fact, name, marks=known((fact.rule, name)), id=f"{fact.service}-{fact.place}-{fact.rule}-{name}")
        for fact, name in PAIRS
    ],
)
def test_a_weakness_is_found_by_each_scanner_that_must_see_it(fact: Fact, name: str, both: Rig) -> None:
    if fact.service in both.sides[WEAK].missing:
        pytest.skip(f"{fact.service}: {both.sides[WEAK].missing[fact.service]}")
    severity = both.look(name, WEAK).findings.get((fact.rule, fact.place))
    assert severity is not None, f"{name} does not find it"
    assert severity <= fact.severity


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: f"{fact.service}-{fact.place}-{fact.rule}")
def test_the_severity_of_a_weakness_is_that_of_the_facts(fact: Fact, both: Rig) -> None:
    if fact.service in both.sides[WEAK].missing:
        pytest.skip(f"{fact.service}: {both.sides[WEAK].missing[fact.service]}")
    if all((fact.rule, name) in NOT_YET for name in fact.scanners):
        pytest.skip("nobody finds it yet")
    seen = [both.look(name, WEAK).findings.get((fact.rule, fact.place)) for name in sorted(fact.scanners)]
    assert max((each for each in seen if each is not None), default=None) == fact.severity


@pytest.mark.parametrize("name", SCANNERS)
def test_nothing_above_info_is_found_on_the_hardened_side(name: str, both: Rig) -> None:
    found = both.look(name, HARDENED).findings
    bad = {key: severity.name for key, severity in found.items() if severity > Severity.INFO and key not in TRUE_THERE}
    assert bad == {}


@pytest.mark.parametrize(
    ("name", "side"),
    [
        pytest.param(name, side, marks=known(("gaps", name)) if side == HARDENED else [])
        for name in SCANNERS
        for side in (WEAK, HARDENED)
    ],
)
def test_every_service_is_covered(name: str, side: str, both: Rig) -> None:
    assert both.look(name, side).gaps == []


def test_the_facts_name_services_of_the_rig_and_scanners_there_are() -> None:
    assert {each.service for each in facts()} <= set(rig.NAMES)
    assert {each for fact in facts() for each in fact.scanners} <= set(SCANNERS)
