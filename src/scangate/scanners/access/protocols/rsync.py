"""rsync's own daemon: which modules it hands out without a login."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, shown, talk
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule

RSYNC: Final = Rule(
    id="net-no-auth-rsync", title="rsync hands out files without a login", severity=Severity.HIGH,
    cwes=("CWE-306",), why="anyone who reaches the port reads the files, and often writes them",
    fix="require a login (`auth users`) for every module of rsync on {port} of {host}, or use it over SSH",
    controls=("PCI DSS 4.0.1 8.3.1",), script="rsync-list-modules",
)  # fmt: skip
_HELLO: Final = b"@RSYNCD: 31.0\n"
_MODULES: Final = 5
"""Modules that are tried."""


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """List the modules, and name some: the daemon says whether it wants a login before any file is asked for."""
    with talk(endpoint, ctx) as server:
        if not server.line().startswith(b"@RSYNCD: "):
            raise NotSpokenError("does not speak rsync's protocol")
        listed = server.ask(_HELLO + b"#list\n", lambda heard: b"@RSYNCD: EXIT" in heard or b"@ERROR" in heard)
    rows = (line for line in listed.split(b"\n") if b"\t" in line and not line.startswith(b"@"))
    names = [name for line in rows if (name := line.partition(b"\t")[0].strip())]
    for name in names[:_MODULES]:
        if _open(endpoint, ctx, name):
            yield Hit(
                rule=RSYNC,
                said=f"{endpoint.where} opened the module {shown(name)} without a login",
                facts=(("modules", shown(b", ".join(names))),),
            )
            return


def _open(endpoint: Endpoint, ctx: Context, name: bytes) -> bool:
    try:
        with talk(endpoint, ctx) as server:
            server.line()
            said = server.ask(_HELLO + name[:200] + b"\n", lambda heard: b"@RSYNCD: " in heard or b"@ERROR" in heard)
    except (NotSpokenError, BrokenError):
        return False
    return b"@RSYNCD: OK" in said


PROBE: Final = Probe(
    name="rsync",
    rules=(RSYNC,),
    sends=r"`@RSYNCD: 31.0\n#list\n`; then the name of up to five modules, each on its own connection",
    check=check,
    services=frozenset({"rsync"}),
    ports=frozenset({873}),
)
