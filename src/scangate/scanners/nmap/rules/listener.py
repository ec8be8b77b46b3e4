"""An open port as nmap saw it, and what looks at one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scangate.core.model import Confidence
from scangate.scanners.network.address import Expected
from scangate.scanners.network.rule import Hit, where
from scangate.scanners.nmap.seen import Port


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One open port, as the checks see it. `host` is the user's word for the host; `named` when that is a name.

    `now` is when the scan began, or None when the report does not say; `scripted` when nmap was to run scripts.
    """

    host: str
    address: str
    port: Port
    named: bool = False
    now: datetime | None = None
    scripted: bool = True
    expected: frozenset[Expected] = frozenset()

    @property
    def place(self) -> str:
        """The port and protocol: 443/tcp."""
        return f"{self.port.number}/{self.port.protocol}"

    @property
    def where(self) -> str:
        """The subject of a finding: edge.example.com:443/tcp, [2001:db8::1]:443/tcp."""
        return where(self.host, self.port.number, self.port.protocol)

    @property
    def by_name(self) -> Confidence:
        """How sure it is that the port speaks what its service name says."""
        if self.port.is_probed:
            return Confidence.CONFIRMED
        return Confidence.POTENTIAL


Check = Callable[[Listener], Iterator[Hit]]
