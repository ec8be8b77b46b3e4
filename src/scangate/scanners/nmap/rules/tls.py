"""TLS versions and cipher suites that are broken, as ssl-enum-ciphers and sslv2 got the server to accept them."""

from collections.abc import Iterator, Mapping
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.listener import Listener
from scangate.scanners.nmap.seen import Table

OBSOLETE: Final = Rule(
    id="tls-protocol-obsolete",
    title="An obsolete version of TLS is offered",
    severity=Severity.MEDIUM,
    worst=Severity.HIGH,
    why="SSL 2 and 3 are broken (RFC 6176, RFC 7568); TLS 1.0 and 1.1 are withdrawn (RFC 8996)",
    fix="allow TLS 1.2 and 1.3 only on {port} of {host}",
    cwes=("CWE-327",),
    script="ssl-enum-ciphers",
)
WEAK: Final = Rule(
    id="tls-cipher-weak",
    title="A weak cipher suite is offered",
    severity=Severity.MEDIUM,
    worst=Severity.HIGH,
    why="an attacker on the way can have it chosen, and read or change the traffic",
    fix="remove the weak cipher suites of {port} on {host}",
    cwes=("CWE-327",),
    script="ssl-enum-ciphers",
)
RULES: Final = (OBSOLETE, WEAK)
NOISY: Final = "ssl-enum-ciphers"
"""Safe in what it sends, but nmap calls it intrusive for its many connections; it can be left out."""
SCRIPTS: Final = (NOISY, "sslv2")

_OBSOLETE: Final = {"SSLv3": "SSL 3", "TLSv1.0": "TLS 1.0", "TLSv1.1": "TLS 1.1"}
_BROKEN: Final = ("_NULL_", "_anon_", "_EXPORT", "_RC4_", "_DES_", "_3DES_", "_RC2_", "_DES40_")
_NO_SECRECY: Final = ("_NULL_", "_anon_", "_EXPORT")
_WEAK_GRADES: Final = frozenset("DEF")
_SHOWN: Final = 8


def check(listener: Listener) -> Iterator[Hit]:
    """Both rules: one finding per port each, with all versions or suites in it."""
    port = listener.port
    script = port.scripts.get(NOISY)
    versions = script.table if script else {}
    old = [label for key, label in _OBSOLETE.items() if key in versions]
    if "sslv2" in port.scripts and "SSLv2 supported" in port.scripts["sslv2"].output:
        old.insert(0, "SSL 2")
    if old:
        broken = any(label.startswith("SSL") for label in old)
        yield Hit(
            rule=OBSOLETE,
            said=f"{listener.where} offers {', '.join(old)}",
            severity=OBSOLETE.worst if broken else None,
            facts=(("versions", ", ".join(old)),),
        )
    if weak := sorted(_weak(versions)):
        more = f" and {len(weak) - _SHOWN} more" if len(weak) > _SHOWN else ""
        yield Hit(
            rule=WEAK,
            said=f"{listener.where} offers {', '.join(weak[:_SHOWN])}{more}",
            severity=WEAK.worst if any(mark in suite for suite in weak for mark in _NO_SECRECY) else None,
            facts=(("least strength", str(versions.get("least strength", ""))),),
        )


def _weak(versions: Table) -> set[str]:
    """Suites that nmap grades D or worse, or that are broken whatever nmap gives them (it gives RC4 and 3DES a C)."""
    weak: set[str] = set()
    for version in versions.values():
        if not isinstance(version, Mapping):
            continue
        warnings = str(version.get("warnings", ""))
        # The grade is then that of the certificate, which has rules of its own.
        graded = "certificate signature" not in warnings and "Certificate RSA exponent" not in warnings
        ciphers = version.get("ciphers")
        for suite in ciphers.get("", ()) if isinstance(ciphers, Mapping) else ():
            name = str(suite.get("name", "")) if isinstance(suite, Mapping) else ""
            if any(mark in name for mark in _BROKEN) or (
                graded and name and str(suite.get("strength")) in _WEAK_GRADES
            ):
                weak.add(name)
    return weak
