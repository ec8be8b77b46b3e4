"""Advisories in OSV's format: synced into one SQLite file, and matched against what is installed.

    with Store.open(home) as store:
        for found in match(packages, store):
            ...

`sync` and `status` are what `scangate advisories` shows. A version scheme is one file in `versions/`.
"""

from scangate.advisories.matching import Hit, Unread, Vulnerability, match, matched_as
from scangate.advisories.schema import Holding
from scangate.advisories.store import Store, StoreMissingError
from scangate.advisories.sync import Synced, status, sync

__all__ = [
    "Hit",
    "Holding",
    "Store",
    "StoreMissingError",
    "Synced",
    "Unread",
    "Vulnerability",
    "match",
    "matched_as",
    "status",
    "sync",
]
