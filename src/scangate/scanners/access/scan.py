"""One scan: every endpoint that a probe knows is asked in that protocol, some side by side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from scangate.core.model import Asked, Finding, Gap, Item, Note, Target
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.access.default_credentials import OPTION
from scangate.scanners.access.probe import HungUpError, NotSpokenError, Probe
from scangate.scanners.access.protocols import DEFAULTS, PROBES
from scangate.scanners.network.connection import BrokenError, RefusedError
from scangate.scanners.network.endpoints import Endpoint, endpoints, left_out
from scangate.scanners.network.guard import OutsideScopeError
from scangate.scanners.network.rule import finding
from scangate.scanners.web.client import NotHttpError, NoTlsError

SIDE_BY_SIDE: Final = 8


@dataclass
class Outcome:
    """What came of one endpoint. It was our business when something was spoken, or there is a gap."""

    findings: list[Finding] = field(default_factory=list)
    spoken: bool = False
    gap: str = ""


def scan(target: Target, ctx: Context) -> Iterator[Item]:
    """Yield findings and gaps as they come, and at the end how many services were asked."""
    yield from left_out(target, ctx)
    known = endpoints(target, ctx)
    probes = (*PROBES, *DEFAULTS) if ctx.options.get(OPTION) else PROBES
    jobs = [(each, fitting) for each in known if (fitting := [probe for probe in probes if probe.fits(each)])]
    asked = 0
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        for (endpoint, _probes), outcome in zip(jobs, pool.map(partial(_ask, ctx), jobs), strict=True):
            yield from outcome.findings
            asked += outcome.spoken or bool(outcome.gap)
            if outcome.gap:
                yield Gap(what=endpoint.where, reason=outcome.gap)
    if not asked:
        yield Note(text=f"no service whose protocol `access` speaks among {len(known)} open ports")
    yield Asked(unit="services", count=asked or len(known))


def _ask(ctx: Context, job: tuple[Endpoint, list[Probe]]) -> Outcome:
    endpoint, probes = job
    outcome = Outcome()
    silent = ""
    for probe in probes:
        try:
            ctx.check()
            for hit in probe.check(endpoint, ctx):
                outcome.findings.append(finding(hit, endpoint, endpoint.target, "access", _seen(endpoint, probe)))
            outcome.spoken = True
        except (HungUpError, BrokenError):
            # It ends the conversation with whoever has not logged in, or speaks something else: nobody was let in.
            outcome.spoken |= probe.is_named(endpoint)
        except (NotSpokenError, NotHttpError, NoTlsError) as error:
            # Another protocol, unless nmap says that it is this one: then something was not looked at.
            if probe.is_named(endpoint):
                silent = f"{probe.name}: {error.message}"
        except RefusedError as error:
            return outcome if endpoint.assumed else _gap(outcome, error)
        except (DeadlineError, CancelledError, OutsideScopeError):
            raise
        except ScanError as error:
            return _gap(outcome, error)
    if silent and not outcome.spoken:
        outcome.gap = silent
    return outcome


def _gap(outcome: Outcome, error: ScanError) -> Outcome:
    outcome.gap = error.message
    return outcome


def _seen(endpoint: Endpoint, probe: Probe) -> tuple[tuple[str, str], ...]:
    facts = {
        "address": endpoint.address,
        "protocol": probe.name,
        "product": f"{endpoint.product} {endpoint.version}".strip(),
    }
    return tuple((name, value) for name, value in facts.items() if value)
