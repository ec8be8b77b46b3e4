"""What one database is to the scan, and what its examination yields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scangate.scanners import Context
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.trust import Trust
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """Something that the account may not read, or that was too much. It makes the service a gap."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a reader should know of what this database cannot tell; never a gap."""

    text: str


Examine = Callable[[Endpoint, Account, Trust, Context], Iterator[Hit | Blank | Remark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """`services` are nmap's words for it. `name` is in the names of its environment variables, in capitals.

    `examine` logs in, reads and leaves. It raises NotSpokenError where the protocol is not spoken, and other
    ScanErrors where it could not go on. `needs_user`: whether a password without a user is no account.
    """

    name: str
    services: frozenset[str]
    port: int
    examine: Examine
    needs_user: bool = True
