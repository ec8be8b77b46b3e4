"""What a rule is: its words in one place, beside the function that finds what breaks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scangate.core.model import Confidence, Severity
from scangate.scanners.nmap.address import Expected
from scangate.scanners.nmap.seen import Port


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing an open port can break. `fix` is a sentence in the imperative with {host} and {port} (`443/tcp`) in it.

    `severity` is the usual one; a check says so where it found something worse, at most `worst`.
    """

    id: str
    title: str
    severity: Severity
    why: str
    fix: str
    cwes: tuple[str, ...]
    script: str = ""
    worst: Severity | None = None

    @property
    def help_uri(self) -> str:
        return f"https://nmap.org/nsedoc/scripts/{self.script}.html" if self.script else ""


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
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.place}"

    @property
    def by_name(self) -> Confidence:
        """How sure it is that the port speaks what its service name says."""
        if self.port.is_probed:
            return Confidence.CONFIRMED
        return Confidence.POTENTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that a listener breaks. `said` is what was seen, as a sentence without its full stop."""

    rule: Rule
    said: str
    confidence: Confidence = Confidence.CONFIRMED
    severity: Severity | None = None
    facts: tuple[tuple[str, str], ...] = ()


Check = Callable[[Listener], Iterator[Hit]]
