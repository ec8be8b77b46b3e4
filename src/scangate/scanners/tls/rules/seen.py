"""What the checks look at: what a server said, its certificates, and by what it is judged."""

from dataclasses import dataclass
from datetime import datetime

from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.tls.certificate import Certificate
from scangate.scanners.tls.chain import Way
from scangate.scanners.tls.profiles import Profile
from scangate.scanners.tls.spoken import Spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One endpoint. `chains` and `ways` belong together, one for each kind of key that the server has."""

    endpoint: Endpoint
    spoken: Spoken
    profile: Profile
    now: datetime
    starttls: str = ""
    chains: tuple[tuple[Certificate, ...], ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def where(self) -> str:
        return self.endpoint.where

    @property
    def leaves(self) -> tuple[Certificate, ...]:
        return tuple(chain[0] for chain in self.chains)
