"""The accounts to log in with, from the environment alone.

All variables begin with SCANGATE_: no config can have another secret of the environment sent to a server.
"""

import os
from dataclasses import dataclass, field
from typing import Protocol

from scangate.core.text import MASK
from scangate.scanners import Context
from scangate.scanners.network.endpoints import Endpoint

_TELLING = 4
"""Characters from which a password is not a part of every other word."""
LONGEST = 1_024
"""Characters of a user or a password; what is longer is none of ours."""


class Named(Protocol):
    """What is known of a database here."""

    @property
    def name(self) -> str:
        """Its name, as in `SCANGATE_MYSQL_USER`."""
        ...

    @property
    def needs_user(self) -> bool:
        """Whether a password without a user is no account."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user and a password. `source` is the variable they came from: the only thing of them that is ever shown."""

    user: str
    password: str = field(repr=False)
    source: str

    def hide(self, text: str) -> str:
        """Mask the password in what a server says: it may say what it was told."""
        return text.replace(self.password, MASK) if len(self.password) >= _TELLING else text


def account(database: Named, endpoint: Endpoint, ctx: Context) -> Account | None:
    """Return the account for one endpoint, or None when the environment has none."""
    for prefix in _prefixes(database, endpoint, ctx):
        user, password = os.environ.get(f"{prefix}_USER", ""), os.environ.get(f"{prefix}_PASSWORD")
        unfit = len(user) > LONGEST or len(password or "") > LONGEST or "\0" in user + (password or "")
        if password is not None and (user or not database.needs_user) and not unfit:
            return Account(user=user, password=password, source=f"{prefix}_PASSWORD")
    return None


def variables(database: Named, endpoint: Endpoint, ctx: Context) -> tuple[str, ...]:
    """Name the variables to set, the most particular ones."""
    prefix = _prefixes(database, endpoint, ctx)[0]
    return (f"{prefix}_USER", f"{prefix}_PASSWORD") if database.needs_user else (f"{prefix}_PASSWORD",)


def _prefixes(database: Named, endpoint: Endpoint, ctx: Context) -> tuple[str, ...]:
    own = ctx.options.get("accounts", {}).get(endpoint.target)
    usual = f"SCANGATE_{database.name.upper()}"
    return (f"SCANGATE_{own}_{database.name.upper()}", usual) if own else (usual,)
