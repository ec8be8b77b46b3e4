"""Where ssh-audit is, and how it is called.

| how it ended | meaning |
|---|---|
| 0, 2, 3 and a whole report | what it found: the code says how bad it thinks that is |
| 1 | no SSH connection came about; its words say why |
| anything else, or no whole report | a failure: it does not survive every server |
"""

import hashlib
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scangate import engines, process
from scangate.errors import ScanError
from scangate.scanners import Found, Need
from scangate.scanners.network.endpoints import Endpoint

ENGINE: Final = "ssh-audit"
NEED: Final = Need(name=ENGINE, install="scangate engines install ssh-audit", minimum="2.4.0")
REPORTED: Final = frozenset({0, 2, 3})
NO_CONNECTION: Final = 1
ANSWER: Final = 5
"""Seconds it waits for one answer of a server."""
_VERSION: Final = re.compile(r"ssh-audit v?([0-9][0-9.]{0,20})")
_RATE_TEST: Final = (3, 2)
"""The version that began to test, unasked, how many connections a second a server takes: that is an attack."""
_PATIENCE: Final = 20.0


def find(home: Path) -> Found | None:
    """The engine if it is installed, else the program on the PATH with the digest of its file."""
    if ENGINE in engines.names():
        engine = engines.locate(ENGINE, home)
        if engine.state is engines.EngineState.CURRENT:
            return Found(name=ENGINE, path=str(engine.python), version=engine.version, digest=engine.digest)
    if not (path := process.which(ENGINE)):
        return None
    try:
        with Path(path).open("rb") as file:
            digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        # It has no option for its version, but begins its help with it.
        said = process.run((path, "--help"), deadline=time.monotonic() + _PATIENCE, max_output=2**16, env=ENVIRONMENT)
    except (ScanError, OSError):
        return None
    version = _VERSION.search(said.stdout.decode(errors="replace"))
    return Found(name=ENGINE, path=path, version=version[1].rstrip("."), digest=digest) if version else None


def command(found: Found, endpoint: Endpoint) -> tuple[str, ...]:
    """The command line for one endpoint: by its pinned address, and never with a test that is an attack."""
    # The engine is known by its interpreter.
    program = (found.path, "-I", "-m", "ssh_audit") if Path(found.path).name == "python" else (found.path,)
    numbers = tuple(int(part) for part in re.findall(r"\d{1,6}", found.version)[:2])
    quiet = ("--skip-rate-test",) if numbers >= _RATE_TEST else ()
    return (*program, "-jj", *quiet, "-t", str(ANSWER), "-p", str(endpoint.port), endpoint.address)


ENVIRONMENT: Final[Mapping[str, str]] = {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
