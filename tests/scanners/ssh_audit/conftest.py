"""One scan by `ssh_audit` in one call, and programs that pretend to be ssh-audit and ssh."""

import os
import socket
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import pytest
from ssh_place import HOST

from scangate.core.model import Asked, Finding, Gap, Kind, Note, Service, Target
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.ssh_audit import SshAudit


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
    def severities(self):
        return {finding.rule: finding.severity.name for finding in self.all(Finding)}

    def said(self, rule):
        return next(finding for finding in self.all(Finding) if finding.rule == rule)


@pytest.fixture
def scan(tmp_path):
    def run(port, *, host=HOST, name="ssh", seconds=60.0, services=None, ports="", cancelled=lambda: False, **options):
        seen = (Service(host=host, address=host, port=port, protocol="tcp", state="open", name=name),)
        seen = seen if services is None else tuple(services)
        target = Target(id="edge", kind=Kind.HOSTS, addresses=(host,), ports=ports)
        ctx = Context(
            root=tmp_path, home=tmp_path, deadline=time.monotonic() + seconds, options=options, services=seen,
            cancelled=cancelled,
        )  # fmt: skip
        outcome = Outcome()
        try:
            for item in SshAudit().scan(target, ctx):
                outcome.items.append(item)
        except ScanError as error:
            outcome.error = error
        return outcome

    return run


@pytest.fixture
def greet():
    """A server that greets each connection with some bytes, and waits; gives its port."""
    with ExitStack() as stack:

        def start(said=b"SSH-2.0-OpenSSH_9.2p1\r\n"):
            listener = stack.enter_context(socket.create_server((HOST, 0), backlog=64))

            def accept():
                with suppress(OSError):
                    while True:
                        connection, _peer = listener.accept()
                        with connection, suppress(OSError):
                            connection.sendall(said)

            threading.Thread(target=accept, daemon=True).start()
            stack.callback(lambda: listener.shutdown(socket.SHUT_RDWR))
            return listener.getsockname()[1]

        yield start


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Put an `ssh-audit` and an `ssh` of ours first on the PATH; their command lines are in `argv` beside them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def make(report=b"", *, exits=3, then="", version="3.9.0", ssh="exit 255"):
        (folder / "report").write_bytes(report)
        audit = (
            f'[ "$1" = --help ] && {{ echo "# ssh-audit v{version}, https://github.com/jtesta/ssh-audit"; exit 0; }}\n'
            f'echo "$@" >> {folder}/argv\n{then}\ncat {folder}/report\nexit {exits}\n'
        )
        for name, script in (("ssh-audit", audit), ("ssh", f'echo "$@" >> {folder}/argv-ssh\n{ssh}\n')):
            (folder / name).write_text(f"#!/bin/sh\n{script}")
            (folder / name).chmod(0o755)
        return folder

    return make
