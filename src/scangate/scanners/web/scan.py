"""One scan: which endpoints speak HTTP, and every look at each of them, some servers side by side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from scangate.core.model import Asked, Finding, Gap, Item, Note, Target
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.network.connection import BrokenError, RefusedError
from scangate.scanners.network.endpoints import Endpoint, endpoints, left_out
from scangate.scanners.network.guard import OutsideScopeError
from scangate.scanners.network.rule import finding
from scangate.scanners.web.client import NotHttpError, NoTlsError, ask
from scangate.scanners.web.crawl import PAGE, crawl
from scangate.scanners.web.message import Answer
from scangate.scanners.web.rules import CHECKS
from scangate.scanners.web.visit import Visit

SIDE_BY_SIDE: Final = 4
_NAMES: Final = ("http", "https", "www", "ssl/http", "nagios", "docker", "upnp", "soap", "ipp")
_PORTS: Final = frozenset(
    {80, 81, 443, 591, 3000, 3128, 5000, 5601, 7001, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9000, 9090, 9200, 9443}
)
_UNKNOWN: Final = frozenset({"", "unknown", "tcpwrapped", "ssl"})
_TO_TLS: Final = (b"HTTPS", b"https", b"SSL", b"TLS")


@dataclass
class Outcome:
    """What came of one endpoint."""

    findings: list[Finding] = field(default_factory=list)
    spoken: bool = False
    gap: str = ""
    notes: list[str] = field(default_factory=list)


def scan(target: Target, ctx: Context) -> Iterator[Item]:
    """Yield findings and gaps as they come, and at the end how many servers were looked at."""
    yield from left_out(target, ctx)
    known = endpoints(target, ctx)
    jobs = [each for each in known if each.protocol == "tcp" and (_is_web(each) or each.name in _UNKNOWN)]
    asked = 0
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        for endpoint, outcome in zip(jobs, pool.map(partial(_look, ctx), jobs), strict=True):
            yield from outcome.findings
            yield from (Note(text=f"{endpoint.where}: {note}") for note in outcome.notes)
            asked += outcome.spoken or bool(outcome.gap)
            if outcome.gap:
                yield Gap(what=endpoint.where, reason=outcome.gap)
    if not asked:
        yield Note(text=f"no web server among {len(known)} open ports")
    yield Asked(unit="services", count=asked or len(known))


def _is_web(endpoint: Endpoint) -> bool:
    return endpoint.port in _PORTS or endpoint.name.startswith(_NAMES)


def _look(ctx: Context, endpoint: Endpoint) -> Outcome:
    outcome = Outcome()
    try:
        first = _first(endpoint, ctx)
        if first is None:
            if endpoint.name.startswith("http") and not endpoint.assumed:
                outcome.gap = "did not answer an HTTP request"
            return outcome
        outcome.spoken = True
        front, tls = first
        limit = int(ctx.options.get("requests", 300))
        _examine(Visit(endpoint=endpoint, ctx=ctx, tls=tls, limit=limit, front=front, sent=1), outcome)
    except RefusedError as error:
        outcome.gap = "" if endpoint.assumed else error.message
    except (DeadlineError, CancelledError, OutsideScopeError):
        raise
    except ScanError as error:
        outcome.gap = error.message
    return outcome


def _examine(visit: Visit, outcome: Outcome) -> None:
    options = visit.ctx.options
    left = crawl(
        visit, depth=options.get("depth", 2), pages=options.get("pages", 50), robots=options.get("robots", True)
    )
    if left:
        outcome.notes.append(f"not crawled: {left}")
    seen = (("address", visit.endpoint.address), ("scheme", visit.scheme))
    for check in CHECKS:
        for hit in check(visit):
            outcome.findings.append(finding(hit, visit.endpoint, visit.endpoint.target, "http", seen))


def _first(endpoint: Endpoint, ctx: Context) -> tuple[Answer, bool] | None:
    """The front page, and whether it takes TLS to get it; None when neither way leads to HTTP.

    What nobody calls a web server is sent one HEAD first: it is short, and its answer is too.
    """
    preferred = endpoint.tunnel == "ssl" or (not endpoint.tunnel and endpoint.port in (443, 8443, 9443))
    for tls in (preferred, not preferred):
        try:
            if not _is_web(endpoint):
                ask(endpoint, ctx, method="HEAD", tls=tls)
            answer = ask(endpoint, ctx, tls=tls, most=PAGE)
        except (NotHttpError, NoTlsError, BrokenError):
            continue
        if tls or answer.status != 400 or not any(word in answer.body for word in _TO_TLS):  # noqa: PLR2004 - Bad Request
            return answer, tls
    return None
