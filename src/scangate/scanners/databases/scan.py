"""One scan: every database among the endpoints is logged in to, and what could not be read is one gap."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from scangate.core.model import Asked, Finding, Gap, Item, Note, Target
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.databases import mongodb, mysql, postgresql, redis
from scangate.scanners.databases.conversation import NotSpokenError
from scangate.scanners.databases.credentials import Account, account, variables
from scangate.scanners.databases.database import Blank, Database, Remark
from scangate.scanners.databases.trust import Trust, read_trust
from scangate.scanners.network.connection import RefusedError
from scangate.scanners.network.endpoints import Endpoint, endpoints, left_out
from scangate.scanners.network.guard import OutsideScopeError
from scangate.scanners.network.rule import finding

DATABASES: Final[tuple[Database, ...]] = (mongodb.DATABASE, mysql.DATABASE, postgresql.DATABASE, redis.DATABASE)
SIDE_BY_SIDE: Final = 4
_UNSAID: Final = frozenset({"", "unknown", "tcpwrapped"})


@dataclass
class Outcome:
    """What came of one endpoint; `ours` unless it turned out to be no database."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    ours: bool = True


def scan(target: Target, ctx: Context) -> Iterator[Item]:
    """Yield findings, one gap for each database that could not be read in full, and how many there were."""
    trust = read_trust(ctx)
    yield from left_out(target, ctx)
    known = endpoints(target, ctx)
    jobs = [(each, database) for each in known if (database := _database(each))]
    asked = 0
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        for (endpoint, _database_of), outcome in zip(jobs, pool.map(partial(_examine, ctx, trust), jobs), strict=True):
            if not outcome.ours:
                continue
            asked += 1
            yield from outcome.findings
            yield from (Note(text=f"{endpoint.where}: {note}") for note in outcome.notes)
            if outcome.unread:
                yield Gap(what=endpoint.where, reason="; ".join(outcome.unread))
    if not asked:
        yield Note(text=f"no database among {len(known)} open ports")
    yield Asked(unit="services", count=asked or len(known))


def _database(endpoint: Endpoint) -> Database | None:
    """Which database listens there: by nmap's word, else by the port."""
    if endpoint.protocol != "tcp":
        return None
    named = next((each for each in DATABASES if endpoint.name in each.services), None)
    if named or endpoint.name not in _UNSAID:
        return named
    return next((each for each in DATABASES if endpoint.port == each.port), None)


def _examine(ctx: Context, trust: Trust, job: tuple[Endpoint, Database]) -> Outcome:
    endpoint, database = job
    outcome = Outcome()
    login = account(database, endpoint, ctx)
    if login is None:
        outcome.unread.append(f"no credentials given: set {' and '.join(variables(database, endpoint, ctx))}")
        return outcome
    try:
        _read(endpoint, database, login, trust, ctx, outcome)
    except (DeadlineError, CancelledError, OutsideScopeError):
        raise
    except RefusedError as error:
        outcome.ours = not endpoint.assumed
        outcome.unread.append(error.message)
    except NotSpokenError as error:
        outcome.ours = endpoint.name in database.services
        outcome.unread.append(error.message)
    except ScanError as error:
        outcome.unread.append(f"{error.message} ({error.advice})" if error.advice else error.message)
    outcome.unread = [login.hide(each) for each in outcome.unread]
    return outcome


def _read(endpoint: Endpoint, database: Database, login: Account, trust: Trust, ctx: Context, outcome: Outcome) -> None:
    seen = (("address", endpoint.address), ("account", login.source))
    for each in database.examine(endpoint, login, trust, ctx):
        if isinstance(each, Blank):
            outcome.unread.append(f"{each.what}: {each.reason}")
        elif isinstance(each, Remark):
            outcome.notes.append(login.hide(each.text))
        else:
            facts = tuple((name, login.hide(value)) for name, value in each.facts)
            hit = replace(each, said=login.hide(each.said), facts=facts)
            outcome.findings.append(finding(hit, endpoint, endpoint.target, "databases", seen))
