"""What was found out about one server's TLS. What is None was not found out."""

from dataclasses import dataclass, field

from scangate.scanners.tls.versions import Version


@dataclass(slots=True, kw_only=True)
class Spoken:
    """Filled while the probing goes on, so that what is known when it breaks off is not lost.

    `suites`: those that were accepted, by version, best version first. `cut`: versions whose list is not whole, though
    each kind of suite was asked for. `chains`: as they were sent, one for each kind of key. `overlong`: one had more
    certificates than are read. `fallback`: whether a downgrade is noticed (TLS_FALLBACK_SCSV).
    """

    suites: dict[Version, tuple[int, ...]] = field(default_factory=dict)
    cut: set[Version] = field(default_factory=set)
    chains: list[tuple[bytes, ...]] = field(default_factory=list)
    overlong: bool = False
    stapled: bool | None = None
    timestamps: bool | None = None
    protocol: str = ""
    renegotiation: bool | None = None
    compression: bool | None = None
    heartbeat: bool | None = None
    fallback: bool | None = None
    dh_bits: int | None = None
    connections: int = 0

    @property
    def versions(self) -> tuple[Version, ...]:
        """Accepted ones, best first."""
        return tuple(sorted(self.suites, reverse=True))

    @property
    def best(self) -> Version | None:
        return max(self.suites, default=None)
