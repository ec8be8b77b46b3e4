"""Which records are about the same vulnerability, and what everybody calls it.

A record that names several CVEs (a DSA, some of GO- and RUSTSEC-) is about each of them, so it is evidence for each but
an alias of none: otherwise two vulnerabilities would become one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from scangate.advisories.osv import Advisory
from scangate.advisories.store import Store
from scangate.core.identity import preference

_CVE: Final = re.compile(r"CVE-\d{4}-\d{4,19}")
_MAX_RECORDS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """What the store has on one vulnerability: all its ids, and by number the records about it and nothing else."""

    names: frozenset[str]
    records: dict[int, Advisory] = field(default_factory=dict)


def cves(advisory: Advisory) -> tuple[str, ...]:
    """The CVEs that a record names, the oldest first."""
    return tuple(sorted(filter(_CVE.fullmatch, advisory.names), key=preference))


def is_single(advisory: Advisory) -> bool:
    """Is it about one vulnerability? It is, unless it names two CVEs, or was made from several records without any."""
    found = len(cves(advisory))
    return found == 1 or (found == 0 and len(advisory.upstream) < 2)  # noqa: PLR2004 - two are several


def close(names: Iterable[str], store: Store) -> Closure:
    """Follow aliases and upstreams through the store, from record to record, but never from one CVE to another."""
    found, records = set(names), dict[int, Advisory]()
    own = set(filter(_CVE.fullmatch, found))
    waiting = sorted(found)
    while waiting and len(records) < _MAX_RECORDS:
        for number in store.about(waiting.pop()):
            if number in records or not is_single(advisory := store.advisory(number)):
                continue
            if own and not own.issuperset(cves(advisory)):
                continue
            records[number] = advisory
            fresh = advisory.names - found
            found |= fresh
            waiting.extend(sorted(fresh))
    return Closure(names=frozenset(found), records=records)


def rules(advisory: Advisory, store: Store) -> tuple[str, ...]:
    """Give the canonical ids of what a record is about, one for each vulnerability.

    They are its CVEs, else the CVEs of records it shares an id with, else GHSA before PYSEC before its own id.
    """
    if own := cves(advisory):
        return own
    if not is_single(advisory):
        return (advisory.id,)
    reached = close(advisory.names, store).names
    return tuple(sorted(filter(_CVE.fullmatch, reached), key=preference)) or (min(reached, key=preference),)


def aliases(rule: str, reached: Iterable[str]) -> tuple[str, ...]:
    """The other ids of a vulnerability. Another CVE is another vulnerability, even where some record links the two."""
    others = (name for name in reached if name != rule and not (_CVE.fullmatch(name) and _CVE.fullmatch(rule)))
    return tuple(sorted(others, key=preference))
