"""The rig's databases, both sides, and a scan of one of them in one call."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import rig
from rig.site import HARDENED, PASSWORD, WEAK, site
from scangate.core.model import Asked, Finding, Gap, Item, Kind, Note, Service, Severity, Target
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.databases import Databases

NAMES = ("mariadb", "mongodb", "postgres", "redis")
PORTS = {"mariadb": 3306, "mongodb": 27017, "postgres": 5432, "redis": 6379}
VARIABLES = ("MYSQL", "MONGODB", "POSTGRESQL", "REDIS")


@dataclass
class Outcome:
    """What a scan yielded, and the error that ended it."""

    items: list[Item] = field(default_factory=list)
    error: ScanError | None = None

    def all(self, kind: type) -> list[Any]:
        return [item for item in self.items if isinstance(item, kind)]

    @property
    def gaps(self) -> dict[str, str]:
        return {gap.what: gap.reason for gap in self.all(Gap)}

    @property
    def asked(self) -> int:
        return sum(item.count for item in self.all(Asked))

    @property
    def notes(self) -> list[str]:
        return [note.text for note in self.all(Note)]

    @property
    def rules(self) -> dict[str, Severity]:
        return {finding.rule: finding.severity for finding in self.all(Finding)}

    @property
    def bad(self) -> dict[str, Severity]:
        """What stands above `info`."""
        return {rule: severity for rule, severity in self.rules.items() if severity > Severity.INFO}


Scan = Callable[..., Outcome]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    def run(address: str, *ports: int, services: tuple[Service, ...] = (), seconds: float = 30, **options) -> Outcome:
        target = Target(id="db", kind=Kind.HOSTS, addresses=(address,), ports=",".join(map(str, ports)))
        ctx = Context(
            root=tmp_path, home=tmp_path, deadline=time.monotonic() + seconds, options=options, services=services
        )
        outcome = Outcome()
        try:
            outcome.items.extend(Databases().scan(target, ctx))
        except ScanError as error:
            outcome.error = error
        return outcome

    return run


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The read-only account that the rig makes in each of its databases."""
    for name in VARIABLES:
        monkeypatch.setenv(f"SCANGATE_{name}_USER", "scangate")
        monkeypatch.setenv(f"SCANGATE_{name}_PASSWORD", PASSWORD)


@pytest.fixture(scope="session")
def weak() -> Iterator[rig.Running]:
    yield from _side(WEAK)


@pytest.fixture(scope="session")
def hardened() -> Iterator[rig.Running]:
    yield from _side(HARDENED)


def _side(side: str) -> Iterator[rig.Running]:
    with site(side) as there, rig.start(there, NAMES) as running:
        yield running


@pytest.fixture
def trusting(hardened: rig.Running, tmp_path: Path) -> dict[str, list[str]]:
    """The option that makes the rig's authority trusted."""
    (tmp_path / "ca.pem").write_bytes(hardened.site.authority.certificate)
    return {"trust": ["ca.pem"]}


def needed(running: rig.Running, name: str) -> None:
    """Skip where the server is not installed."""
    if name in running.missing:
        pytest.skip(f"{name} cannot be started here: {running.missing[name]}")
