"""The services that a sensor saw: one for each port, with all that was learnt of it line by line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from scangate.core.model import Service
from scangate.core.text import clean

MOST: Final = 20_000
"""Services of one target: more than that is a scan passing by, not services."""
PROTOCOLS: Final = frozenset({"tcp", "udp"})
_ORDER: Final = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_LARGEST: Final = 65_535
_WORD: Final = 100

Place = tuple[str, int, str]
"""Address, port, protocol."""


@dataclass(slots=True, kw_only=True)
class Sighting:
    """What is known of one port. The newest word counts; of TLS, the best of all."""

    host: str
    versions: set[str] = field(default_factory=set)
    _said: dict[str, tuple[datetime, tuple[str, ...]]] = field(default_factory=dict)

    def learn(
        self, when: datetime, *, name: str = "", product: str = "", version: str = "", certificate: str = ""
    ) -> None:
        """Take in what a line says; empty says nothing. A version is that of the product it was said of."""
        self._take("name", when, name)
        self._take("software", when, product, version)
        self._take("certificate", when, certificate)

    @property
    def name(self) -> str:
        return self._newest("name")[0]

    @property
    def software(self) -> tuple[str, str]:
        """Product and version."""
        product, version = self._newest("software", size=2)
        return product, version

    @property
    def certificate(self) -> str:
        return self._newest("certificate")[0]

    def _take(self, what: str, when: datetime, *words: str) -> None:
        new = (when, tuple(clean(word, _WORD) for word in words))
        if words[0] and (what not in self._said or new > self._said[what]):
            self._said[what] = new

    def _newest(self, what: str, size: int = 1) -> tuple[str, ...]:
        return self._said[what][1] if what in self._said else ("",) * size


class Inventory:
    """All services of one target."""

    def __init__(self) -> None:
        self.seen: dict[Place, Sighting] = {}
        self.left_out = 0

    def at(self, host: str, address: str, port: object, protocol: object) -> Sighting | None:
        """The sighting of a port, made when it is the first; None for what is no port, and beyond MOST."""
        number, kind = _port(port), str(protocol).lower()
        if not number or kind not in PROTOCOLS:
            return None
        key = (address, number, kind)
        if key not in self.seen and len(self.seen) >= MOST:
            self.left_out += 1
            return None
        return self.seen.setdefault(key, Sighting(host=host))

    def services(self) -> Iterator[Service]:
        """Yield them in order. They were open when they were seen, which `method` says was passive."""
        for (address, port, protocol), sighting in sorted(self.seen.items(), key=lambda each: each[0]):
            product, version = sighting.software
            yield Service(
                host=sighting.host,
                address=address,
                port=port,
                protocol=protocol,
                state="open",
                hostname="" if sighting.host == address else sighting.host,
                name=sighting.name,
                product=product,
                version=version,
                tunnel="ssl" if sighting.versions or sighting.certificate else "",
                method="passive",
                tls=max(sighting.versions, key=_ORDER.index, default=""),
                certificate=sighting.certificate,
            )


def tls_version(text: object) -> str:
    """`TLSv1.2` of `TLSv12` (Zeek), `TLS 1.2` (Suricata) and their like; empty for what is none."""
    bare = "".join(each for each in str(text)[:20] if each.isalnum()).upper()
    found = {"SSLV2": 0, "SSLV3": 1, "TLSV10": 2, "TLSV1": 2, "TLSV11": 3, "TLSV12": 4, "TLSV13": 5}
    found |= {"SSL2": 0, "SSL3": 1, "TLS10": 2, "TLS1": 2, "TLS11": 3, "TLS12": 4, "TLS13": 5}
    return _ORDER[found[bare]] if bare in found else ""


def _port(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= len("65535"):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST else 0
