"""What is wrong with the server's own certificate, on the day of the scan."""

import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.certificate import (
    EARLY,
    EXPIRED,
    EXPIRES,
    MISMATCH,
    SELF_SIGNED,
    SOON,
    WEAK_KEY,
    WEAK_SIGNATURE,
)
from scangate.scanners.tls.certificate import Certificate
from scangate.scanners.tls.rules.seen import Seen

LONG_LIVED: Final = Rule(
    id="tls-certificate-long-lived", title="A certificate is valid for more than 398 days", severity=Severity.INFO,
    cwes=("CWE-324",), why="browsers refuse such a one of a public authority, and a stolen key is of use for long",
    fix="issue the certificate of {port} on {host} for a year or less, and have it renewed by itself",
    help="https://cabforum.org/working-groups/server/baseline-requirements/",
)  # fmt: skip
PURPOSE: Final = Rule(
    id="tls-certificate-wrong-purpose", title="A certificate is not for servers", severity=Severity.LOW,
    cwes=("CWE-295",), why="clients refuse it: its extended key usage names other purposes only",
    fix="issue the certificate of {port} on {host} anew for servers (serverAuth)",
    help="https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12",
)  # fmt: skip
NOT_STAPLED: Final = Rule(
    id="tls-certificate-not-stapled", title="A certificate that must be stapled is not", severity=Severity.MEDIUM,
    cwes=("CWE-299",), why="it demands a fresh word of its authority (must-staple), and clients refuse it without",
    fix="turn OCSP stapling on for {port} of {host}", help="https://www.rfc-editor.org/rfc/rfc7633",
)  # fmt: skip
RULES: Final = (
    EXPIRED, EARLY, EXPIRES, WEAK_KEY, WEAK_SIGNATURE, SELF_SIGNED, MISMATCH, LONG_LIVED, PURPOSE, NOT_STAPLED,
)  # fmt: skip

VERY_SOON: Final = timedelta(days=14)
LONG: Final = timedelta(days=398)
_LEAST_BITS: Final = {"RSA": 2048, "DSA": 2048, "EC": 224}
WEAK_HASHES: Final = frozenset({"md2", "md4", "md5", "sha1"})
_SHOWN: Final = 5


def check(seen: Seen) -> Iterator[Hit]:
    """Every certificate that the server shows for itself."""
    for leaf, way in zip(seen.leaves, seen.ways, strict=True):
        yield from _dates(seen, leaf)
        kind, bits = leaf.key
        if bits < _LEAST_BITS.get(kind, 0) or kind == "DSA":
            yield Hit(rule=WEAK_KEY, said=f"the certificate of {seen.where} has an {kind} key of {bits} bits")
        if leaf.signature in WEAK_HASHES:
            said = f"the certificate of {seen.where} is signed with {leaf.signature.upper()}"
            yield Hit(rule=WEAK_SIGNATURE, said=said)
        if leaf.names_itself and way.fate.value != "trusted":
            yield Hit(rule=SELF_SIGNED, said=f"the certificate of {seen.where} is its own issuer")
        if not leaf.for_servers:
            yield Hit(rule=PURPOSE, said=f"the certificate of {seen.where} may not be used by a server")
        if leaf.must_staple and seen.spoken.stapled is False:
            yield Hit(rule=NOT_STAPLED, said=f"{seen.where} does not staple an OCSP answer to its certificate")
        yield from _names(seen, leaf)


def _dates(seen: Seen, leaf: Certificate) -> Iterator[Hit]:
    begins, ends, now = leaf.begins, leaf.ends, seen.now
    days = (ends - now).days if ends else 0
    facts = tuple((word, moment.isoformat()) for word, moment in (("from", begins), ("until", ends)) if moment)
    facts = (*facts, ("days left", str(days))) if ends else facts
    if ends and ends < now:
        yield Hit(rule=EXPIRED, said=f"the certificate of {seen.where} expired on {ends.date()}", facts=facts)
    elif ends and ends - now <= SOON:
        near = Severity.MEDIUM if ends - now < VERY_SOON else None
        said = f"the certificate of {seen.where} expires on {ends.date()}, in {days} days"
        yield Hit(rule=EXPIRES, said=said, severity=near, facts=facts)
    if begins and begins > now:
        yield Hit(rule=EARLY, said=f"the certificate of {seen.where} is valid from {begins.date()}", facts=facts)
    if begins and ends and ends - begins > LONG:
        said = f"the certificate of {seen.where} is valid for {(ends - begins).days} days"
        yield Hit(rule=LONG_LIVED, said=said, facts=facts)


def _names(seen: Seen, leaf: Certificate) -> Iterator[Hit]:
    """A name must be among the names. An address is compared only where the certificate is for addresses alone."""
    host = seen.endpoint.host
    if leaf.alternatives is None:
        if seen.endpoint.named:
            common = ", ".join(leaf.common_names[:_SHOWN])
            unread = f": its common name, {common}, is not read" if common else ""
            yield Hit(rule=MISMATCH, said=f"the certificate of {seen.where} is for no name{unread}")
        return
    names, addresses = leaf.alternatives
    if seen.endpoint.named:
        wrong = not any(_covers(name, host) for name in names)
    else:
        wrong = not names and bool(addresses) and seen.endpoint.address not in map(_address, addresses)
    if wrong:
        listed = (*names, *addresses)
        more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
        said = f"the certificate of {seen.where} is for {', '.join(listed[:_SHOWN]) or 'nothing'}{more}"
        yield Hit(rule=MISMATCH, said=said)


def _covers(pattern: str, name: str) -> bool:
    """Whether a name in a certificate stands for a host name: a `*` is one whole first label (RFC 9525)."""
    if pattern.startswith("*."):
        _, dot, parent = name.lower().partition(".")
        return bool(dot) and parent == pattern[2:]
    return pattern == name.lower()


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
