"""What a profile asks, and how deep it looks. Every option of the config that says the same outranks it."""

from dataclasses import dataclass
from typing import Final

from scangate.scanners.nmap.rules import NOISY, SCRIPTS

UDP: Final = "U:53,67,69,111,123,137,161,177,389,427,500,514,520,523,623,1434,1604,1900,2049,5060,5353,5683,11211"
"""What listens on UDP and matters: each of these answers nmap's own payload for its port."""
_SLOW: Final = frozenset({NOISY, "http-auth-finder", "ssh2-enum-algos"})
_ALWAYS: Final = (*SCRIPTS, "ssh-hostkey")
_UDP_SCRIPTS: Final = (
    "dns-nsid", "ike-version", "ipmi-version", "ms-sql-info", "nbstat", "ntp-info", "rpcinfo", "snmp-info", "upnp-info",
)  # fmt: skip
_SAFE_VULNERABILITIES: Final = ("ssl-ccs-injection", "ssl-dh-params", "ssl-heartbleed", "ssl-poodle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`ports` are asked where the target names none; without them, the `top` most common TCP ports.

    `udp` is asked in addition, unless the target names UDP ports. `intensity` is that of version detection.
    `host_seconds` is the time for one host, in each of the two phases.
    """

    top: int = 1000
    ports: str = ""
    udp: str = ""
    intensity: int = 7
    scripts: tuple[str, ...] = _ALWAYS
    host_seconds: float = 900.0


PROFILES: Final = {
    "quick": Profile(
        top=100, intensity=2, scripts=tuple(each for each in _ALWAYS if each not in _SLOW), host_seconds=120.0
    ),
    "standard": Profile(),
    "deep": Profile(ports="1-65535", intensity=9, scripts=(*_ALWAYS, *_SAFE_VULNERABILITIES), host_seconds=3600.0),
    "udp": Profile(udp=UDP, intensity=5, scripts=(*_ALWAYS, *_UDP_SCRIPTS)),
}
DEFAULT: Final = "standard"
