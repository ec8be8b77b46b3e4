"""One scan by `tls` in one call."""

import time
from dataclasses import dataclass, field

import pytest
from tls_servers import HOST

from scangate.core.model import Asked, Finding, Gap, Kind, Note, Service, Target
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.tls import Tls


@dataclass
class Outcome:
    """What a scan yielded, and the error that ended it."""

    items: list = field(default_factory=list)
    error: ScanError | None = None

    def all(self, kind):
        return [item for item in self.items if isinstance(item, kind)]

    @property
    def gaps(self):
        return {gap.what: gap.reason for gap in self.all(Gap)}

    @property
    def asked(self):
        return sum(item.count for item in self.all(Asked))

    @property
    def notes(self):
        return [note.text for note in self.all(Note) if not note.text.startswith("within the scope")]

    @property
    def services(self):
        return self.all(Service)

    @property
    def rules(self):
        return {finding.rule for finding in self.all(Finding)}

    @property
    def severities(self):
        return {finding.rule: finding.severity.name for finding in self.all(Finding)}

    def said(self, rule):
        return next(finding for finding in self.all(Finding) if finding.rule == rule)


@pytest.fixture
def scan(tmp_path):
    def run(port, *, host=HOST, name="", tunnel="ssl", seconds=60.0, services=None, cancelled=lambda: False, **options):
        """Scan a port; `name` is nmap's word for the service."""
        address, known = (HOST, host) if host.endswith(".test") else (host, "")
        seen = services or (
            Service(
                host=address, hostname=known, address=address, port=port, protocol="tcp", state="open", name=name,
                tunnel=tunnel,
            ),
        )  # fmt: skip
        named = dict.fromkeys(each.hostname or each.host for each in seen)
        target = Target(id="edge", kind=Kind.HOSTS, addresses=tuple(named))
        ctx = Context(
            root=tmp_path, home=tmp_path, deadline=time.monotonic() + seconds, options=options, services=tuple(seen),
            cancelled=cancelled,
        )  # fmt: skip
        outcome = Outcome()
        try:
            for item in Tls().scan(target, ctx):
                outcome.items.append(item)
        except ScanError as error:
            outcome.error = error
        return outcome

    return run


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    """Let every name of `.test` mean our loopback address, and leave the resolver out of it."""
    import socket

    ask = socket.getaddrinfo

    def found(host, *args, **kwargs):
        return ask(HOST if str(host).endswith(".test") else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)
