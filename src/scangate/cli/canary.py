"""`scangate doctor --canary`: every scanner that has a canary must find it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scangate.core.model import Status
from scangate.pipeline import Job, execute
from scangate.progress import Tell
from scangate.scanners import Scanner
from scangate.scanners.canary import canary_of

SECONDS: Final = 180.0


def tried(scanners: Mapping[str, Scanner], home: Path, tell: Tell) -> Iterator[tuple[str, str, str]]:
    """Give a row for each canary: what, how it went, and what to do when it was not found."""
    for name, scanner in sorted(scanners.items()):
        offered = canary_of(scanner)
        if offered is None:
            continue
        try:
            with offered as canary:
                job = Job(
                    scanner=name,
                    target=canary.target,
                    options=canary.options,
                    timeout=SECONDS,
                    root=Path("/"),
                    home=home,
                )
                run = execute(job, scanner, tell)
        except OSError as error:
            yield f"canary {name}", f"NOT tried: nothing can listen on loopback ({error})", "scangate doctor --canary"
            continue
        missed = canary.missed(run.findings)
        if run.status is Status.OK and not run.gaps and not missed:
            yield f"canary {name}", f"ok: found {', '.join(sorted(canary.rules))}", ""
        else:
            why = run.reason or "; ".join(f"{gap.what}: {gap.reason}" for gap in run.gaps[:3])
            said = f"NOT found: {', '.join(missed) or 'everything, but not all was covered'}"
            yield f"canary {name}", f"{said} ({why})" if why else said, run.advice or "scangate doctor --canary"
