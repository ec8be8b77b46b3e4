"""What one nmap report says, as plain data: what python-nmap gives, and what it drops."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Table = Mapping[str, Any]
"""A script's structured answer: text, or a further Table, by key; what has no key is a list under the empty key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One script's answer. `output` is the text for people, `table` the same for programs where the script gives it."""

    output: str
    table: Table = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One port. `method` is `table` when nmap knows the service by the port's number only; `confidence` is 0 to 10.

    `tunnel` is `ssl` for TLS. `reason` is the packet that decided the state.
    """

    number: int
    protocol: str
    state: str
    reason: str = ""
    name: str = ""
    product: str = ""
    version: str = ""
    extra: str = ""
    tunnel: str = ""
    method: str = ""
    confidence: int = 0
    system: str = ""
    cpes: tuple[str, ...] = ()
    scripts: Mapping[str, Script] = field(default_factory=dict)

    @property
    def is_probed(self) -> bool:
        """True when the service itself said what it is."""
        return self.method == "probed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Ports that nmap only counts. `reasons` are the packets that decided, with how many ports each."""

    state: str
    count: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One host. `addresses` are (type, address) with type ipv4, ipv6 or mac; the times are seconds since 1970, or 0."""

    address: str
    addresses: tuple[tuple[str, str], ...]
    state: str
    reason: str = ""
    names: tuple[str, ...] = ()
    timed_out: bool = False
    started: int = 0
    ended: int = 0
    ports: tuple[Port, ...] = ()
    rest: tuple[Rest, ...] = ()

    @property
    def answered(self) -> bool:
        """True when something came back from the host itself.

        Asked without a ping first (-Pn), every host is called up, for the reason `user-set`: then only a port that is
        not filtered proves it, or one refused with an ICMP port-unreachable. Up without a word on any port is a ping.
        """
        if self.timed_out or self.state != "up" or not (self.ports or self.rest):
            return False
        if self.reason not in ("", "user-set"):
            return True
        states = {port.state for port in self.ports} | {rest.state for rest in self.rest}
        reasons = {port.reason for port in self.ports} | {reason for rest in self.rest for reason, _ in rest.reasons}
        return bool(states & {"open", "closed", "unfiltered"}) or "port-unreach" in reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The head of a report. `started` is seconds since 1970, or 0. `asked` is nmap's own list of ports by protocol."""

    version: str = ""
    started: int = 0
    scripted: bool = False
    asked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The tail of a report. Without `complete`, nmap did not get to write it.

    `exit` is `success` or `error`, or empty in old reports; `message` says what the error was.
    """

    complete: bool
    exit: str = ""
    message: str = ""
    up: int = 0
    total: int = 0
