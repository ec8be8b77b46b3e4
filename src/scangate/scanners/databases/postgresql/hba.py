"""What the lines of pg_hba.conf let in."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from scangate.core.model import Severity
from scangate.scanners.databases.postgresql.protocol import Row
from scangate.scanners.databases.rules import TRUST, WEAK_METHOD, WORLD, some
from scangate.scanners.network.rule import Hit, Rule

_FIELDS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that the server understood, as pg_hba_file_rules shows it."""

    number: str
    type: str
    databases: str
    users: str
    address: str
    netmask: str
    method: str

    @classmethod
    def of(cls, row: Row) -> Self:
        number, kind, databases, users, address, netmask, method = (*row, *("",) * _FIELDS)[:_FIELDS]
        return cls(
            number=f"line {number[:9]}", type=kind, databases=databases, users=users, address=address, netmask=netmask,
            method=method,
        )  # fmt: skip

    @property
    def lets_in(self) -> bool:
        return self.method != "reject"

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
        """The addresses it is for; None for a socket file, a name, or a word such as samenet."""
        try:
            return ipaddress.ip_network(f"{self.address}/{self.netmask}", strict=False) if self.netmask else None
        except ValueError:
            prefix = _prefix(self.netmask)
            try:
                return ipaddress.ip_network((self.address, prefix), strict=False) if prefix is not None else None
            except ValueError:
                return None

    @property
    def is_loopback(self) -> bool:
        return self.type == "local" or bool(self.network and self.network.is_loopback)

    @property
    def is_everywhere(self) -> bool:
        return self.address == "all" or bool(self.network and self.network.prefixlen == 0)

    def __str__(self) -> str:
        mask = f"/{self.network.prefixlen}" if self.network else ""
        who = f"{self.databases[:40]} {self.users[:40]} {self.address[:60]}{mask}"
        return f"{self.number}: {self.type} {who} {self.method[:20]}"


def hba(lines: Sequence[Line], where: str) -> Iterator[Hit]:
    """Every rule that the lines break, one finding each."""
    trusted = [line for line in lines if line.method == "trust"]
    if trusted:
        only_sockets = all(line.type == "local" for line in trusted)
        yield _hit(where, trusted, TRUST, "trusts", Severity.MEDIUM if only_sockets else None)
    if wide := [line for line in lines if line.type != "local" and line.is_everywhere and line.lets_in]:
        yield _hit(where, wide, WORLD, "lets every address try")
    weak = [line for line in lines if line.method == "ident" and line.type != "local"]
    weak += [line for line in lines if line.method == "password" and line.type in ("host", "hostnossl")]
    if weak:
        yield _hit(where, weak, WEAK_METHOD, "believes too easily")


def _hit(where: str, lines: Sequence[Line], rule: Rule, does: str, severity: Severity | None = None) -> Hit:
    shown = [str(line) for line in lines]
    facts = tuple(("pg_hba.conf", line) for line in shown[:20])
    return Hit(rule=rule, said=f"{where} {does} by {some(shown)}", severity=severity, facts=facts)


def _prefix(netmask: str) -> int | None:
    """The length of an IPv6 netmask, which Python reads in no network."""
    try:
        bits = f"{int(ipaddress.IPv6Address(netmask)):0128b}"
    except ValueError:
        return None
    return bits.count("1") if "01" not in bits else None
