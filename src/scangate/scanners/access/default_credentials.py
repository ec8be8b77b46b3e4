"""Passwords that products come with, tried only where the option `default_credentials` says so: one try each."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from scangate.core.model import Severity
from scangate.scanners import Context
from scangate.scanners.access.api import either
from scangate.scanners.access.probe import Probe
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.client import Headers, ask
from scangate.scanners.web.message import Answer

DEFAULT: Final = Rule(
    id="access-default-credentials", title="A password that the product comes with is still valid",
    severity=Severity.CRITICAL, cwes=("CWE-1392", "CWE-798"), why="it is in the product's manual",
    fix="change the password that the product on {port} of {host} came with", controls=("PCI DSS 4.0.1 2.2.2",),
    script="http-default-accounts",
)  # fmt: skip
OPTION: Final = "default_credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A documented default. `path` wants a login, and its answer to the right one holds `proof`."""

    product: str
    user: str
    password: str
    path: str
    proof: bytes
    ports: tuple[int, ...]

    def probe(self) -> Probe:
        return Probe(
            name=f"{self.product.lower()} defaults",
            rules=(DEFAULT,),
            sends=f"`GET {self.path}` without a login; where that is refused, with `{self.user}`/`{self.password}`",
            check=partial(_check, self),
            ports=frozenset(self.ports),
            products=frozenset({self.product.lower()}),
        )


ACCOUNTS: Final = (
    Account(product="RabbitMQ", user="guest", password="guest", path="/api/whoami", proof=b'"guest"', ports=(15672,)),  # noqa: S106
    Account(product="Grafana", user="admin", password="admin", path="/api/org", proof=b'"address"', ports=(3000,)),  # noqa: S106
    Account(product="ActiveMQ", user="admin", password="admin", path="/admin/", proof=b"ActiveMQ", ports=(8161,)),  # noqa: S106
    Account(product="CouchDB", user="admin", password="admin", path="/_all_dbs", proof=b'["', ports=(5984,)),  # noqa: S106
)  # fmt: skip


def _check(account: Account, endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    refused, tls = either(endpoint, ctx, partial(_ask, endpoint, ctx, account.path, ()))
    if refused.status != 401:  # noqa: PLR2004 - Unauthorized
        return
    pair = b64encode(f"{account.user}:{account.password}".encode()).decode()
    answer = _ask(endpoint, ctx, account.path, (("Authorization", f"Basic {pair}"),), tls)
    if answer.status == 200 and account.proof in answer.body:  # noqa: PLR2004 - OK
        said = f"{endpoint.where} let {account.user} of {account.product} in with the password that it comes with"
        yield Hit(rule=DEFAULT, said=said, facts=(("product", account.product), ("account", account.user)))


def _ask(endpoint: Endpoint, ctx: Context, path: str, headers: Headers, tls: bool) -> Answer:
    return ask(endpoint, ctx, path, tls=tls, headers=headers)
