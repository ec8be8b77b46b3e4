"""Versions of TLS that the profile forbids, or misses."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.tls import OBSOLETE
from scangate.scanners.tls.rules.seen import Seen
from scangate.scanners.tls.versions import Version

OUTSIDE: Final = Rule(
    id="tls-protocol-outside-profile", title="A version of TLS is offered that the profile forbids",
    severity=Severity.LOW, why="the profile you chose allows better versions only",
    fix="allow the versions of your profile only on {port} of {host}", cwes=("CWE-757",),
    help="https://wiki.mozilla.org/Security/Server_Side_TLS",
)  # fmt: skip
MISSING: Final = Rule(
    id="tls-protocol-13-missing", title="TLS 1.3 is not offered", severity=Severity.INFO,
    why="it hides more of the handshake, and leaves out all that was broken in its elders (RFC 8446)",
    fix="offer TLS 1.3 on {port} of {host}", cwes=(), controls=("NIST SP 800-52r2 3.1",),
    help="https://wiki.mozilla.org/Security/Server_Side_TLS",
)  # fmt: skip
RULES: Final = (OBSOLETE, OUTSIDE, MISSING)


def check(seen: Seen) -> Iterator[Hit]:
    """What was really agreed on is what counts."""
    allowed = seen.profile.versions
    forbidden = [version for version in sorted(seen.spoken.versions) if version not in allowed]
    graded = ("profile", f"{seen.profile.name} {seen.profile.edition}")
    if old := [version for version in forbidden if version < Version.TLS12]:
        listed = ", ".join(version.label for version in old)
        yield Hit(
            rule=OBSOLETE,
            said=f"{seen.where} offers {listed}",
            severity=OBSOLETE.worst if old[0] <= Version.SSL3 else None,
            facts=(("versions", listed), graded),
        )
    if new := [version for version in forbidden if version >= Version.TLS12]:
        listed = ", ".join(version.label for version in new)
        yield Hit(rule=OUTSIDE, said=f"{seen.where} offers {listed}", facts=(graded,))
    if seen.spoken.versions and Version.TLS13 not in seen.spoken.suites:
        needed = allowed == {Version.TLS13}
        yield Hit(rule=MISSING, said=f"{seen.where} does not offer TLS 1.3", severity=Severity.LOW if needed else None)
