"""Advisories in OSV's format: synced into one SQLite file, and matched against what is installed.

    with Store.open(home) as store:
        for found in match(packages, store):
            ...

What fills the store is in sync.py and bundles.py, and not imported here: a scan needs none of it. A version scheme is
one file in `versions/`.
"""

from scangate.advisories.fixing import FixState
from scangate.advisories.known_as import matched_as
from scangate.advisories.matching import match
from scangate.advisories.schema import Exploited, Feed, Holding, Likelihood
from scangate.advisories.store import Store, StoreMissingError
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
    "Unread",
    "Vulnerability",
    "match",
    "matched_as",
]
