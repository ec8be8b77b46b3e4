"""One target: its SSH servers side by side, each within a time of its own."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scangate import process
from scangate.core.model import Asked, Gap, Item, Note, Service, Target, Tool
from scangate.core.text import clean
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context, Found
from scangate.scanners.network.connection import RefusedError, connect, receive
from scangate.scanners.network.endpoints import Endpoint, endpoints, left_out
from scangate.scanners.network.rates import spend
from scangate.scanners.network.rule import Hit, finding
from scangate.scanners.ssh_audit import logins, rules
from scangate.scanners.ssh_audit.parse import Audit, parse
from scangate.scanners.ssh_audit.program import ENVIRONMENT, NO_CONNECTION, REPORTED, command

AT_ONCE: Final = 4
"""ssh-audit takes half a second of a processor's time."""
SECONDS: Final = 60.0
"""For one server."""
PORTS: Final = frozenset({22, 2022, 2222, 22222})
"""Where SSH is to be expected while nobody knows what listens."""
_PACKETS: Final = 150
"""What a run of ssh-audit is counted as: about twenty connections."""
_MOST: Final = 4 * 2**20
_LONGEST_BANNER: Final = 255
_UNKNOWN: Final = frozenset({"", "unknown", "tcpwrapped"})


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of one endpoint. `banner` is empty where it is no SSH server."""

    endpoint: Endpoint
    banner: str = ""
    audit: Audit | None = None
    methods: tuple[str, ...] | None = None
    reason: str = ""
    stop: ScanError | None = None


@dataclass(slots=True)
class _Told:
    """What is said once, not for each server."""

    unasked: list[str] = field(default_factory=list)


def scan(found: Found, target: Target, ctx: Context) -> Iterator[Item]:
    """Yield what was found, in the order of the endpoints. What is known is yielded before any ScanError is raised."""
    yield Tool(name=found.name, version=found.version, digest=found.digest)
    gaps = 0
    for item in left_out(target, ctx):
        gaps += isinstance(item, Gap)
        yield item
    asked = [each for each in endpoints(target, ctx) if _may_be(each)]
    looked = 0
    stop: ScanError | None = None
    told = _Told()
    for outcome in _all(found, asked, ctx):
        stop = stop or outcome.stop
        looked += bool(outcome.banner or outcome.reason)
        yield from _items(outcome, told, ctx)
    if told.unasked:
        yield Note(text=f"which ways to log in there are was not found out on {', '.join(told.unasked[:10])}")
    if not looked and not gaps:
        yield Note(text=f"no SSH server among {len(asked)} open ports that may be one")
    yield Asked(unit="services", count=(looked or len(asked)) + gaps)
    if stop:
        raise stop


def _may_be(endpoint: Endpoint) -> bool:
    if endpoint.protocol != "tcp" or endpoint.tunnel:
        return False
    return endpoint.name == "ssh" or (endpoint.name in _UNKNOWN and (not endpoint.assumed or endpoint.port in PORTS))


def _all(found: Found, asked: Iterable[Endpoint], ctx: Context) -> Iterator[Outcome]:
    executor = ThreadPoolExecutor(AT_ONCE)
    with TemporaryDirectory(prefix="scangate-ssh-") as folder:
        try:
            running = [executor.submit(_one, found, endpoint, ctx, Path(folder)) for endpoint in asked]
            for each in running:
                yield each.result()
        finally:
            executor.shutdown(cancel_futures=True)


def _one(found: Found, endpoint: Endpoint, ctx: Context, home: Path) -> Outcome:
    outcome = Outcome(endpoint=endpoint)
    until = min(ctx.deadline, time.monotonic() + SECONDS)
    try:
        outcome.banner = _banner(endpoint, ctx)
        if not outcome.banner:
            if endpoint.name == "ssh":
                raise ScanError("was said to be an SSH server, and does not greet as one")  # noqa: TRY301 - one way out
            return outcome
        ctx.tell(f"ssh-audit: {endpoint.where}")
        if not outcome.banner.startswith("SSH-1.") or outcome.banner.startswith("SSH-1.99"):
            outcome.audit = _audit(found, endpoint, ctx, home, until)
            if ctx.options.get("logins", True):
                spend(10, endpoint.target, ctx)
                outcome.methods = logins.ask(endpoint, ctx, home)
    except (CancelledError, DeadlineError) as error:
        late = isinstance(error, DeadlineError) and ctx.remaining > 0
        outcome.reason = f"was not finished in {SECONDS:.0f} s" if late else f"was not finished: {error.message}"
        outcome.stop = None if late else error
    except RefusedError as error:
        outcome.reason = "" if endpoint.assumed else error.message
    except ScanError as error:
        outcome.reason = error.message
    return outcome


def _banner(endpoint: Endpoint, ctx: Context) -> str:
    """The line by which an SSH server greets; empty for anything else. Raises as `connect`."""
    with connect(endpoint, ctx) as made:
        said = receive(made, ctx, most=4_096, ended=_greeted)
    # Lines may come before it (RFC 4253, 4.2).
    line = next((line for line in said.splitlines() if line.startswith(b"SSH-")), b"")
    return clean(line.decode(errors="replace"), _LONGEST_BANNER)


def _greeted(said: bytes) -> bool:
    at = said.find(b"SSH-")
    return at >= 0 and b"\n" in said[at:]


def _audit(found: Found, endpoint: Endpoint, ctx: Context, home: Path, until: float) -> Audit:
    """Run ssh-audit on an address that `connect` was just permitted. Raises ScanError."""
    spend(_PACKETS, endpoint.target, ctx)
    done = process.run(command(found, endpoint), deadline=until, cwd=home, env=ENVIRONMENT, max_output=_MOST)
    if done.returncode in REPORTED and not done.truncated:
        return parse(done.stdout)
    if done.returncode == NO_CONNECTION:
        # It writes what went wrong behind a report of nothing.
        words = done.stdout.decode(errors="replace").strip().splitlines() or ["it does not say why"]
        raise ScanError(f"ssh-audit got no key exchange: {clean(words[-1], 200).removeprefix('[exception] ')}")
    how = f"exit code {done.returncode}" if done.returncode >= 0 else f"signal {-done.returncode}"
    raise ScanError(f"ssh-audit ended with {how}: {clean(done.complaint, 200) or 'it said nothing'}")


def _items(outcome: Outcome, told: _Told, ctx: Context) -> Iterator[Item]:
    endpoint, audit = outcome.endpoint, outcome.audit
    if outcome.banner:
        yield _service(outcome)
        for hit in _hits(outcome):
            yield finding(hit, endpoint, endpoint.target, "ssh_audit", (("banner", outcome.banner),))
    if audit and outcome.methods is None and ctx.options.get("logins", True):
        told.unasked.append(endpoint.where)
    if outcome.reason:
        yield Gap(what=endpoint.where, reason=outcome.reason)


def _hits(outcome: Outcome) -> Iterator[Hit]:
    where = outcome.endpoint.where
    yield from rules.old_version(outcome.banner, where)
    if outcome.audit:
        yield from rules.check(outcome.audit, where)
    yield from rules.logins(outcome.methods or (), where)


def _service(outcome: Outcome) -> Service:
    endpoint = outcome.endpoint
    return Service(
        host=endpoint.address,
        port=endpoint.port,
        protocol=endpoint.protocol,
        state="open",
        hostname=endpoint.host if endpoint.named else "",
        name="ssh",
        address=endpoint.address,
        host_key=outcome.audit.host_key if outcome.audit else "",
    )
