"""A scan in one call, and programs that pretend to be nmap."""

import ipaddress
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scangate.core.model import Asked, Finding, Gap, Item, Kind, Note, Service, Target, Tool
from scangate.core.scope import Scope
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.nmap import Nmap

DOCUMENTED = Scope(allow=tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "2001:db8::/32"))))
"""Nothing listens at these addresses, and no packet to them goes anywhere: programs that pretend get them."""


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
    def asked(self) -> int | None:
        return next((item.count for item in self.all(Asked)), None)

    @property
    def services(self) -> list[Service]:
        return self.all(Service)

    @property
    def findings(self) -> list[Finding]:
        return self.all(Finding)

    @property
    def notes(self) -> list[str]:
        return [note.text for note in self.all(Note)]

    @property
    def versions(self) -> list[str]:
        return [tool.version for tool in self.all(Tool)]

    @property
    def rules(self) -> set[tuple[str, str]]:
        return {(finding.subject, finding.rule) for finding in self.findings}

    @property
    def is_evidence(self) -> bool:
        """Whether the pipeline would take the scan as covering all that was asked."""
        return self.error is None and not self.gaps and bool(self.asked)


Scan = Callable[..., Outcome]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    def run(
        addresses: Iterable[str],
        *,
        ports: str = "",
        expect=(),
        exclude=(),
        seconds: float = 240,
        cancelled=None,
        scope=DOCUMENTED,
        **options,
    ) -> Outcome:
        target = Target(
            id="edge",
            kind=Kind.HOSTS,
            addresses=tuple(addresses),
            ports=ports,
            expect=tuple(expect),
            exclude=tuple(exclude),
        )
        ctx = Context(
            root=tmp_path,
            home=tmp_path,
            deadline=time.monotonic() + seconds,
            options=options,
            scope=scope,
            cancelled=cancelled or (lambda: False),
        )
        outcome = Outcome()
        try:
            for item in Nmap().scan(target, ctx):
                outcome.items.append(item)
        except ScanError as error:
            outcome.error = error
        return outcome

    return run


@pytest.fixture
def fake_nmap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put an nmap of our own first on the PATH: it writes `reports`, one for each run of it, and then runs `then`."""

    def make(
        report: bytes | None = None, then: str = "", *, ipv6: bytes | None = None, detected: bytes | None = None
    ) -> Path:
        """`detected` is what it says when asked what listens, where that is not the same."""
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        reports = {"report4.xml": report, "report6.xml": report if ipv6 is None else ipv6, "detected.xml": detected}
        for name, content in reports.items():
            (folder / name).unlink(missing_ok=True)
            if content is not None:
                (folder / name).write_bytes(content)
        program = folder / "nmap"
        program.write_text(
            "#!/bin/sh\n"
            f'echo "$@" >> {folder}/argv\n'
            "version=4; phase=ports\n"
            "while [ $# -gt 0 ]; do\n"
            '  case "$1" in -oX) out="$2";; -6) version=6;; -sV) phase=services;; esac; shift\n'
            "done\n"
            f"report={folder}/report$version.xml\n"
            f"[ $phase = services ] && [ -f {folder}/detected.xml ] && report={folder}/detected.xml\n"
            '[ -f $report ] && cp $report "$out"\n'
            f"{then}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return folder

    return make
