"""One target: its endpoints side by side, each within a time of its own."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from scangate.core.model import Asked, Finding, Gap, Item, Note, Service, Target
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.network.connection import RefusedError
from scangate.scanners.network.endpoints import Endpoint, endpoints, left_out
from scangate.scanners.tls import certificate
from scangate.scanners.tls.asking import Manner, manner
from scangate.scanners.tls.chain import Trust, follow, trust
from scangate.scanners.tls.line import Line
from scangate.scanners.tls.probing import probe, speaks
from scangate.scanners.tls.profiles import DEFAULT, profile
from scangate.scanners.tls.rules import findings, without_tls
from scangate.scanners.tls.rules.cleartext import refused
from scangate.scanners.tls.rules.seen import Seen
from scangate.scanners.tls.spoken import Spoken
from scangate.scanners.tls.starttls import NotOfferedError
from scangate.scanners.tls.stream import EndedError, SilentError
from scangate.scanners.tls.wire import OtherProtocolError

AT_ONCE: Final = 8
SECONDS: Final = 30.0
"""For one endpoint."""
CONNECTIONS: Final = 60


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of one endpoint. `looked`: there was something to find out; `spoken` is None where it has no TLS."""

    endpoint: Endpoint
    looked: bool = False
    spoken: Spoken | None = None
    starttls: str = ""
    finding: Finding | None = None
    reason: str = ""
    stop: ScanError | None = None


def scan(target: Target, ctx: Context) -> Iterator[Item]:
    """Yield what was found, in the order of the endpoints. What is known is yielded before any ScanError is raised."""
    trusted = trust(ctx.options.get("trust", ()), ctx.root)
    gaps = 0
    for item in left_out(target, ctx):
        gaps += isinstance(item, Gap)
        yield item
    asked = [(endpoint, how) for endpoint in endpoints(target, ctx) if (how := manner(endpoint))]
    looked = 0
    stop: ScanError | None = None
    for outcome in _all(asked, ctx):
        stop = stop or outcome.stop
        looked += outcome.looked or bool(outcome.reason)
        yield from _items(outcome, trusted, ctx)
    if not looked and not gaps:
        yield Note(text=f"no TLS service among {len(asked)} open ports")
    yield Asked(unit="services", count=(looked or len(asked)) + gaps)
    if stop:
        raise stop


def _all(asked: Iterable[tuple[Endpoint, Manner]], ctx: Context) -> Iterator[Outcome]:
    executor = ThreadPoolExecutor(AT_ONCE)
    try:
        running = [executor.submit(_one, endpoint, how, ctx) for endpoint, how in asked]
        for each in running:
            yield each.result()
    finally:
        executor.shutdown(cancel_futures=True)


def _one(endpoint: Endpoint, how: Manner, ctx: Context) -> Outcome:
    outcome = Outcome(endpoint=endpoint)
    own = replace(ctx, deadline=min(ctx.deadline, time.monotonic() + SECONDS))
    try:
        ctx.tell(f"tls: {endpoint.where}")
        _look(outcome, how, own)
    except (CancelledError, DeadlineError) as error:
        late = isinstance(error, DeadlineError) and ctx.remaining > 0
        outcome.reason = f"was not finished in {SECONDS:.0f} s" if late else f"was not finished: {error.message}"
        outcome.stop = None if late else error
    except RefusedError as error:
        # A port that nobody saw open, and that is closed, is no gap.
        outcome.reason = "" if endpoint.assumed and not outcome.looked else error.message
    except ScanError as error:
        outcome.reason = error.message
    return outcome


def _look(outcome: Outcome, how: Manner, ctx: Context) -> None:
    """Try STARTTLS first where there may be, then TLS from the first byte. Raises ScanError."""
    most = ctx.options.get("connections", CONNECTIONS)
    endpoint, protocol = outcome.endpoint, how.protocol
    if protocol:
        line = Line(endpoint, ctx, protocol, most)
        try:
            if speaks(line, sure=True):
                outcome.starttls = protocol.label
                _probe(outcome, line)
                return
        except NotOfferedError as error:
            outcome.looked = True
            hit = refused(protocol, endpoint.where, error.message)
            outcome.finding = without_tls(endpoint, hit) if hit else None
            return
        except (OtherProtocolError, EndedError, SilentError):
            # Perhaps TLS from the first byte, where nobody knows what it is.
            if how.sure or outcome.looked:
                raise
    line = Line(endpoint, ctx, None, most)
    if speaks(line, sure=how.sure):
        _probe(outcome, line)
    elif endpoint.tunnel or (protocol and how.sure):
        raise ScanError("was heard to speak TLS, or a protocol that can, and does not now")


def _probe(outcome: Outcome, line: Line) -> None:
    outcome.looked = True
    outcome.spoken = Spoken()
    probe(line, outcome.spoken)
    if not outcome.spoken.suites:
        advice = "" if line.name else "; it may want to be told its name: name the host instead of its address"
        raise ScanError(f"speaks TLS, and accepts none of the versions and cipher suites that were offered{advice}")


def _items(outcome: Outcome, trusted: Trust, ctx: Context) -> Iterator[Item]:
    """The service, its findings, and the gap where it was not finished."""
    if outcome.finding:
        yield outcome.finding
    reason = outcome.reason
    spoken = outcome.spoken
    if spoken and spoken.suites:
        chains = []
        for sent in spoken.chains:
            try:
                chains.append(tuple(map(certificate.read, sent)))
            except ScanError as error:
                reason = reason or error.message
        now = _now(ctx)
        seen = Seen(
            endpoint=outcome.endpoint,
            spoken=spoken,
            profile=profile(ctx.options.get("profile", DEFAULT)),
            now=now,
            starttls=outcome.starttls,
            chains=tuple(chains),
            ways=tuple(follow(chain, trusted, now) for chain in chains),
        )
        yield _service(seen)
        yield from findings(seen)
    if reason:
        yield Gap(what=outcome.endpoint.where, reason=reason)


def _service(seen: Seen) -> Service:
    endpoint = seen.endpoint
    return Service(
        host=endpoint.address,
        port=endpoint.port,
        protocol=endpoint.protocol,
        state="open",
        hostname=endpoint.host if endpoint.named else "",
        address=endpoint.address,
        tunnel="" if seen.starttls else "ssl",
        tls=seen.spoken.best.word if seen.spoken.best else "",
        certificate=next((leaf.sha256 for leaf in seen.leaves), ""),
    )


def _now(ctx: Context) -> datetime:
    """The moment of the judgement: now, or noon of the day that the scan is to count for."""
    now = datetime.now(UTC)
    if now.date() == ctx.today:
        return now
    return datetime(ctx.today.year, ctx.today.month, ctx.today.day, 12, tzinfo=UTC)
