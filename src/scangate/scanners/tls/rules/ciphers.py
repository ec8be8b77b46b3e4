"""Cipher suites that the profile forbids, by what is wrong with them."""

from collections.abc import Iterator, Sequence
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Facts, Hit, Rule
from scangate.scanners.nmap.rules.tls import WEAK
from scangate.scanners.tls import suites
from scangate.scanners.tls.rules.seen import Seen

_HELP: Final = "https://wiki.mozilla.org/Security/Server_Side_TLS"

NO_SECRECY: Final = Rule(
    id="tls-cipher-no-forward-secrecy", title="Cipher suites without forward secrecy are offered",
    severity=Severity.LOW, cwes=("CWE-327",), controls=("NIST SP 800-52r2 3.3.1",), help=_HELP,
    why="whoever records the traffic can read it once the server's key is stolen",
    fix="remove the cipher suites with RSA key exchange of {port} on {host}",
)  # fmt: skip
CBC: Final = Rule(
    id="tls-cipher-cbc", title="Cipher suites with CBC are offered", severity=Severity.LOW, cwes=("CWE-327",),
    why="CBC with a MAC that comes before encryption was attacked again and again (BEAST, Lucky 13)",
    fix="remove the CBC cipher suites of {port} on {host}", help=_HELP,
)  # fmt: skip
OUTSIDE: Final = Rule(
    id="tls-cipher-outside-profile", title="Cipher suites are offered that the profile does not have",
    severity=Severity.INFO, cwes=("CWE-327",), why="they are not known to be weak, but hardly used and little tested",
    fix="offer the cipher suites of your profile only on {port} of {host}", help=_HELP,
)  # fmt: skip
DH: Final = Rule(
    id="tls-dh-weak", title="Diffie-Hellman with a short prime", severity=Severity.MEDIUM, worst=Severity.HIGH,
    cwes=("CWE-326",), why="primes of 1,024 bits can be broken by a state, and shorter ones by anybody (Logjam)",
    fix="use a prime of 2,048 bits, or elliptic curves only, on {port} of {host}", help="https://weakdh.org/",
    controls=("NIST SP 800-52r2 3.3.1",),
)  # fmt: skip
RULES: Final = (WEAK, NO_SECRECY, CBC, OUTSIDE, DH)

_SHOWN: Final = 8
_SHORT_PRIME: Final = 1024


def check(seen: Seen) -> Iterator[Hit]:
    """Weak suites of any version; what else the profile forbids in the versions that it allows."""
    spoken, profile = seen.spoken, seen.profile
    everywhere = _names(code for codes in spoken.suites.values() for code in codes)
    modern = _names(code for version, codes in spoken.suites.items() if version in profile.versions for code in codes)
    weak = [name for name in everywhere if suites.broken(name) and name not in profile.suites]
    rest = [name for name in modern if not suites.broken(name) and name not in profile.suites]
    exposed = [name for name in rest if not suites.forward_secret(name)]
    chained = [name for name in rest if suites.chained(name)]
    other = [name for name in rest if name not in exposed and name not in chained]
    facts: Facts = (("profile", f"{profile.name} {profile.edition}"),)
    if spoken.cut:
        facts = (*facts, ("list", "not whole: there are more suites than connections that are allowed"))
    if weak:
        open_to_all = any(map(suites.protects_nothing, weak))
        said = f"{seen.where} offers {_some(weak)}"
        yield Hit(rule=WEAK, said=said, severity=WEAK.worst if open_to_all else None, facts=facts)
    for rule, names in ((NO_SECRECY, exposed), (CBC, chained), (OUTSIDE, other)):
        if names:
            yield Hit(rule=rule, said=f"{seen.where} offers {_some(names)}", facts=facts)
    if spoken.dh_bits is not None and spoken.dh_bits < profile.dh_bits:
        yield Hit(
            rule=DH,
            said=f"{seen.where} uses a Diffie-Hellman prime of {spoken.dh_bits} bits",
            severity=DH.worst if spoken.dh_bits < _SHORT_PRIME else None,
            facts=(("bits", str(spoken.dh_bits)), *facts),
        )


def _names(codes: Iterator[int]) -> list[str]:
    return sorted({suites.name(code) for code in codes})


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
