"""How one target is to be scanned: what the user asked for, and what this machine allows."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scangate.core.model import Note, Target
from scangate.errors import ScanError
from scangate.scanners.network.address import Expected, PortRange, Protocol, parse_expect, parse_ports
from scangate.scanners.nmap.profiles import DEFAULT, PROFILES
from scangate.scanners.nmap.rules import NOISY

MOST_PROCESSES: Final = 16
PROCESSES: Final = min(8, max(4, os.cpu_count() or 4))
"""Runs of nmap side by side unless the config says otherwise: they wait far more than they work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Without TCP among `ports`, unless the user named only UDP: the `top_ports` most common. `raw`: sockets, allowed.

    `more` are scripts that only the config asks for. `rate` is packets per second, None for no limit.
    """

    raw: bool
    ports: tuple[PortRange, ...] = ()
    expected: frozenset[Expected] = frozenset()
    top_ports: int = 0
    scripts: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    intensity: int = 7
    host_seconds: float = 900.0
    processes: int = PROCESSES
    rate: float | None = None

    @property
    def asked(self) -> tuple[PortRange, ...]:
        """The ports that can be asked: UDP needs raw sockets."""
        return tuple(each for each in self.ports if self.raw or each.protocol is Protocol.TCP)

    @property
    def left_out(self) -> tuple[PortRange, ...]:
        return tuple(each for each in self.ports if each not in self.asked)


def read_settings(target: Target, options: Mapping[str, Any], *, raw: bool) -> Settings:
    """Read the ports of a target and the options. Raises ScanError for ports that cannot be read."""
    profile = PROFILES[options.get("profile", DEFAULT)]
    try:
        named = parse_ports(target.ports)
        expected = frozenset(map(parse_expect, target.expect))
    except ValueError as error:
        raise ScanError(str(error), advice="correct `ports` or `expect` of this target in scangate.yml") from None
    top = options.get("top_ports", 0 if profile.ports else profile.top)
    ports = named or (() if top else parse_ports(profile.ports))
    if not any(each.protocol is Protocol.UDP for each in ports):
        ports += parse_ports(profile.udp)
    return Settings(
        raw=raw,
        ports=ports,
        expected=expected,
        top_ports=0 if named else top,
        scripts=tuple(sorted(_scripts(options, profile.scripts))),
        more=tuple(sorted(options.get("scripts_more", ()))),
        intensity=options.get("version_intensity", profile.intensity),
        host_seconds=options.get("host_timeout", profile.host_seconds),
        processes=options.get("processes", PROCESSES),
    )


def limits(settings: Settings) -> Iterator[Note]:
    """What a reader should know is not looked at, or not as usual."""
    if not settings.raw:
        yield Note(text="nmap had no raw sockets (root or CAP_NET_RAW): TCP was scanned by connecting, UDP cannot be")
    if not settings.scripts:
        yield Note(text="nmap's scripts were turned off: TLS, certificates and open access were not looked at")
    elif NOISY not in settings.scripts:
        yield Note(text="`tls_ciphers` is off: TLS versions and cipher suites were not looked at")
    if settings.more:
        yield Note(text=f"the config had nmap run more scripts: {', '.join(settings.more)}")
    if settings.rate is not None:
        yield Note(
            text=f"nmap sent at most {settings.rate:g} packets per second while it looked for ports; while it looked "
            "at services, which it does not count, it had few connections open at a time"
        )


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


def _scripts(options: Mapping[str, Any], scripts: tuple[str, ...]) -> Iterator[str]:
    if not options.get("scripts", True):
        return
    noisy = options.get("tls_ciphers")
    yield from (each for each in scripts if each != NOISY or noisy is not False)
    if noisy and NOISY not in scripts:
        yield NOISY
