"""One target: the run, and what its end means.

| what grype left | meaning |
|---|---|
| exit code 0 and a whole report | what it found: no severity is set that would decide the code |
| exit code 0 and no report, or one without source or name | a failure: it can end so after a fatal error |
| any other exit code, or a signal | a failure: its last words say why; a missing database has its own advice |
"""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scangate import process
from scangate.core.model import Data, Item, Target, Tool
from scangate.errors import ScanError
from scangate.scanners import Context, Found
from scangate.scanners.grype.command import command, environment
from scangate.scanners.grype.parse import DATABASE, parse

UPDATE: Final = "run `grype db update`, or set scanners.grype.update: true"
_NO_DATABASE: Final = re.compile(
    r"database does not exist|no vulnerability db|load vulnerability db|failed to load.*db", re.IGNORECASE
)


def scan(found: Found, target: Target, ctx: Context) -> Iterator[Item]:
    """Run it. What is known is yielded before any ScanError is raised."""
    update = ctx.options.get("update", False) is True
    yield Tool(name=found.name, version=found.version, digest=found.digest)
    argv = command(found.path, target, ctx.root)
    with TemporaryDirectory(prefix="scangate-grype-") as folder:
        ctx.tell(f"asking grype about {target.address}")
        env = environment(Path(folder), update=update)
        done = process.run(argv, deadline=ctx.deadline, cwd=Path(folder), env=env)
    said = done.stderr.decode(errors="replace")
    if done.returncode and _NO_DATABASE.search(said):
        yield Data(name=DATABASE, as_of=None)
        raise ScanError("grype has no database of vulnerabilities on this machine", advice=UPDATE)
    if done.returncode:
        how = f"exit code {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
        raise ScanError(f"grype ended with {how}: {done.complaint or 'it said nothing'}", advice="run it by hand")
    if done.truncated:
        raise ScanError("grype's report is larger than is read", advice="switch grype off for this target")
    yield from parse(done.stdout, target.id, ctx.check)
