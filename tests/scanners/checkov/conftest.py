"""A scan in one call, trees of files, and programs that pretend to be the engine."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scangate.core.model import Asked, Finding, Gap, Item, Kind, Note, Target, Tool
from scangate.engines import EngineState, locate
from scangate.engines.state import MARKER, marker
from scangate.errors import ScanError
from scangate.home import home
from scangate.scanners import Context
from scangate.scanners.checkov import Checkov


@dataclass
class Outcome:
    """What a scan yielded, and the error that ended it."""

    items: list[Item] = field(default_factory=list)
    error: ScanError | None = None

    def all(self, kind: type) -> list[Any]:
        return [item for item in self.items if isinstance(item, kind)]

    @property
    def findings(self) -> list[Finding]:
        return self.all(Finding)

    @property
    def gaps(self) -> dict[str, str]:
        return {gap.what: gap.reason for gap in self.all(Gap)}

    @property
    def notes(self) -> list[str]:
        return [note.text for note in self.all(Note)]

    @property
    def tools(self) -> list[Tool]:
        return self.all(Tool)

    @property
    def asked(self) -> int | None:
        return next((item.count for item in self.all(Asked)), None)

    @property
    def is_evidence(self) -> bool:
        """As the pipeline has it: no error, and something was asked."""
        return self.error is None and bool(self.asked)

    def rules(self, path: str) -> set[str]:
        return {finding.rule for finding in self.findings if finding.location.path == path}


Scan = Callable[..., Outcome]


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Writes a repository, and gives its root."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "repository"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, whatever engines this machine brings."""
    monkeypatch.delenv("SCANGATE_ENGINES", raising=False)
    return tmp_path / "home"


@pytest.fixture
def scan(request: pytest.FixtureRequest) -> Scan:
    """Scans a path below a root with the engine in `home`; by default the one that `fake` made."""

    def run(
        root: Path, address: str = ".", *, home: Path | None = None, seconds: float = 60, **options: Any
    ) -> Outcome:
        outcome = Outcome()
        cancelled = options.pop("cancelled", lambda: False)
        ctx = Context(
            root=root,
            home=home or request.getfixturevalue("own_home"),
            deadline=time.monotonic() + seconds,
            options=options,
            cancelled=cancelled,
        )
        target = Target(id="infra", kind=Kind.PATH, addresses=(address,))
        try:
            outcome.items.extend(Checkov().scan(target, ctx))
        except ScanError as error:
            outcome.error = error
        return outcome

    return run


@pytest.fixture
def fake(own_home: Path) -> Callable[[str], Path]:
    """Puts a shell script where the engine's interpreter would be; `$1 $2 $3` are -I, the driver and the arguments."""

    def write(script: str) -> Path:
        engine = locate("checkov", own_home)
        engine.python.parent.mkdir(parents=True)
        engine.python.write_text(f"#!/bin/sh\n{script}\n")
        engine.python.chmod(0o755)
        (engine.path / MARKER).write_text(json.dumps(marker("checkov", engine.path, engine.digest)))
        return engine.path

    return write


@pytest.fixture
def answering(fake: Callable[[str], Path], tmp_path: Path) -> Callable[[object], None]:
    """An engine that gives this JSON, whatever it is asked."""

    def write(document: object) -> None:
        answer = tmp_path / "answer.json"
        answer.write_text(json.dumps(document))
        fake(f"cat '{answer}'")

    return write


@pytest.fixture(scope="session")
def real_home() -> Path:
    """Where the real engine is."""
    if locate("checkov", home()).state is not EngineState.CURRENT:
        pytest.skip(f"checkov is not installed in {home()}: scangate engines install checkov")
    return home()
