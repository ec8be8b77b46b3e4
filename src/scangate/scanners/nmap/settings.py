"""How one target is to be scanned: what the user asked for, and what this machine allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scangate.core.model import Note, Target
from scangate.errors import ScanError
from scangate.scanners.nmap.address import Expected, PortRange, Protocol, parse_expect, parse_ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """No `ports` are nmap's most common TCP ports, `top_ports` of them. `raw`: raw sockets may be used."""

    raw: bool
    ports: tuple[PortRange, ...] = ()
    expected: frozenset[Expected] = frozenset()
    top_ports: int = 1000
    scripts: bool = True
    tls_ciphers: bool = True
    intensity: int | None = None

    @property
    def asked(self) -> tuple[PortRange, ...]:
        """The ports that can be asked: UDP needs raw sockets."""
        return tuple(each for each in self.ports if self.raw or each.protocol is Protocol.TCP)

    @property
    def left_out(self) -> tuple[PortRange, ...]:
        return tuple(each for each in self.ports if each not in self.asked)


def read_settings(target: Target, options: Mapping[str, Any], *, raw: bool) -> Settings:
    """Read the ports of a target and the options. Raises ScanError for ports that cannot be read."""
    try:
        ports = parse_ports(target.ports)
        expected = frozenset(map(parse_expect, target.expect))
    except ValueError as error:
        raise ScanError(str(error), advice="correct `ports` or `expect` of this target in scangate.yml") from None
    return Settings(
        raw=raw,
        ports=ports,
        expected=expected,
        top_ports=options.get("top_ports", 1000),
        scripts=options.get("scripts", True),
        tls_ciphers=options.get("tls_ciphers", True),
        intensity=options.get("version_intensity"),
    )


def limits(settings: Settings) -> Iterator[Note]:
    """What a reader should know is not looked at."""
    if not settings.raw:
        yield Note(text="nmap had no raw sockets (root or CAP_NET_RAW): TCP was scanned by connecting, UDP cannot be")
    if not settings.scripts:
        yield Note(text="nmap's scripts were turned off: TLS, certificates and open access were not looked at")
    elif not settings.tls_ciphers:
        yield Note(text="`tls_ciphers` is off: TLS versions and cipher suites were not looked at")


def without_udp(settings: Settings) -> ScanError | None:
    """The error for UDP ports that were asked for and cannot be scanned, or None."""
    if not settings.left_out:
        return None
    ports = ", ".join(
        f"{each.first}-{each.last}" if each.first < each.last else f"{each.first}" for each in settings.left_out
    )
    return ScanError(
        f"UDP ports {ports} were not scanned: that needs raw sockets",
        advice="run as root or with CAP_NET_RAW, or leave the U: ports out",
    )
