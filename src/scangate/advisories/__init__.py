"""Advisories in OSV's format: synced into one SQLite file, and matched against what is installed.

    with Store.open(home) as store:
        for found in match(packages, store):
            ...

`sync` and `status` are what `scangate advisories` shows. A version scheme is one file in `versions/`.
"""

from scangate.advisories.bringing import Synced
from scangate.advisories.bundles import bundle
from scangate.advisories.fixing import FixState
from scangate.advisories.known_as import matched_as
from scangate.advisories.matching import match
from scangate.advisories.schema import Exploited, Feed, Holding, Likelihood
from scangate.advisories.store import Store, StoreMissingError
from scangate.advisories.sync import feeds_held, status, sync
from scangate.advisories.vulnerability import Hit, Unread, Vulnerability

__all__ = [
    "Exploited",
    "Feed",
    "FixState",
    "Hit",
    "Holding",
    "Likelihood",
    "Store",
    "StoreMissingError",
    "Synced",
    "Unread",
    "Vulnerability",
    "bundle",
    "feeds_held",
    "match",
    "matched_as",
    "status",
    "sync",
]
