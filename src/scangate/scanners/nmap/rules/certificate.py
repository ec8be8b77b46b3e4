"""What is wrong with the certificate that a server shows, on the day of the scan."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.listener import Listener
from scangate.scanners.nmap.seen import Table

SOON: Final = timedelta(days=30)
_RENEW: Final = "renew the certificate of {port} on {host}"

EXPIRED: Final = Rule(
    id="tls-certificate-expired", title="A certificate has expired", severity=Severity.HIGH, cwes=("CWE-298",),
    why="clients refuse it, or are taught to accept anything", fix=_RENEW, script="ssl-cert",
)  # fmt: skip
EARLY: Final = Rule(
    id="tls-certificate-not-yet-valid", title="A certificate is not valid yet", severity=Severity.MEDIUM,
    cwes=("CWE-295",), why="clients refuse it until then", fix=_RENEW, script="ssl-cert",
)  # fmt: skip
EXPIRES: Final = Rule(
    id="tls-certificate-expires-soon", title="A certificate expires within 30 days", severity=Severity.LOW,
    cwes=("CWE-298",), why="clients will refuse it from that day on", fix=_RENEW, script="ssl-cert",
)  # fmt: skip
WEAK_KEY: Final = Rule(
    id="tls-certificate-weak-key", title="A certificate has a weak key", severity=Severity.HIGH, cwes=("CWE-326",),
    why="RSA and DSA keys under 2,048 bits, and EC keys under 224, can be broken (NIST SP 800-57)",
    fix="issue the certificate of {port} on {host} anew with an RSA key of 2,048 bits or an EC key of 256",
    script="ssl-cert",
)  # fmt: skip
WEAK_SIGNATURE: Final = Rule(
    id="tls-certificate-weak-signature", title="A certificate is signed with MD5 or SHA-1", severity=Severity.MEDIUM,
    cwes=("CWE-328",), why="another certificate with the same signature can be made",
    fix="issue the certificate of {port} on {host} anew with a SHA-256 signature", script="ssl-cert",
)  # fmt: skip
SELF_SIGNED: Final = Rule(
    id="tls-certificate-self-signed", title="A certificate is self-signed", severity=Severity.LOW, cwes=("CWE-295",),
    why="clients cannot tell it from an attacker's unless they were given it beforehand",
    fix="have the certificate of {port} on {host} issued by an authority that its clients trust", script="ssl-cert",
)  # fmt: skip
MISMATCH: Final = Rule(
    id="tls-certificate-name-mismatch", title="A certificate is for another name", severity=Severity.MEDIUM,
    cwes=("CWE-297",), why="clients refuse it, or are taught to accept anything",
    fix="issue the certificate of {port} on {host} anew for that name", script="ssl-cert",
)  # fmt: skip
RULES: Final = (EXPIRED, EARLY, EXPIRES, WEAK_KEY, WEAK_SIGNATURE, SELF_SIGNED, MISMATCH)
SCRIPTS: Final = ("ssl-cert",)

_SHOWN: Final = 5
_BITS: Final = re.compile(r"[0-9]{1,6}")
_LEAST_BITS: Final = {"rsa": 2048, "dsa": 2048, "ec": 224}


def check(listener: Listener) -> Iterator[Hit]:
    """The leaf certificate, on TLS ports and behind STARTTLS."""
    script = listener.port.scripts.get("ssl-cert")
    if script is None or not script.table:
        return
    certificate = script.table
    yield from _dates(listener, _table(certificate, "validity"))
    key = _table(certificate, "pubkey")
    kind, bits = _text(key, "type"), _text(key, "bits")
    if _BITS.fullmatch(bits) and int(bits) < _LEAST_BITS.get(kind, 0):
        yield Hit(rule=WEAK_KEY, said=f"the certificate of {listener.where} has an {kind.upper()} key of {bits} bits")
    algorithm = _text(certificate, "sig_algo")
    if any(weak in algorithm.lower() for weak in ("md2", "md4", "md5", "sha1")):
        yield Hit(rule=WEAK_SIGNATURE, said=f"the certificate of {listener.where} is signed with {algorithm}")
    subject, issuer = _table(certificate, "subject"), _table(certificate, "issuer")
    if subject and subject == issuer:
        yield Hit(rule=SELF_SIGNED, said=f"the certificate of {listener.where} is its own issuer")
    if listener.named and (names := _names(certificate)) and not any(_covers(name, listener.host) for name in names):
        known = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        yield Hit(rule=MISMATCH, said=f"the certificate of {listener.where} is for {known}")


def _dates(listener: Listener, validity: Table) -> Iterator[Hit]:
    begins, ends = _moment(_text(validity, "notBefore")), _moment(_text(validity, "notAfter"))
    now = listener.now
    if now is None:
        return
    facts = tuple((word, moment.isoformat()) for word, moment in (("from", begins), ("until", ends)) if moment)
    if ends and ends < now:
        yield Hit(rule=EXPIRED, said=f"the certificate of {listener.where} expired on {ends.date()}", facts=facts)
    elif ends and ends - now <= SOON:
        yield Hit(rule=EXPIRES, said=f"the certificate of {listener.where} expires on {ends.date()}", facts=facts)
    if begins and begins > now:
        yield Hit(rule=EARLY, said=f"the certificate of {listener.where} is valid from {begins.date()}", facts=facts)


def _moment(text: str) -> datetime | None:
    """Read 2026-11-21T19:36:30, in UTC with or without its offset; None for what nmap writes when it cannot read it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _names(certificate: Table) -> list[str]:
    """The DNS names of the subject alternative name; the common name of a certificate that has none."""
    extensions = _table(certificate, "extensions").get("", ())
    for extension in extensions:
        if isinstance(extension, Mapping) and _text(extension, "name") == "X509v3 Subject Alternative Name":
            entries = (entry.strip().partition(":") for entry in _text(extension, "value").split(","))
            return sorted({value.strip().lower() for kind, _, value in entries if kind == "DNS" and value.strip()})
    common = _text(_table(certificate, "subject"), "commonName").lower()
    return [common] if common else []


def _covers(pattern: str, name: str) -> bool:
    """Whether a name in a certificate stands for a host name: a `*` is one whole first label (RFC 9525)."""
    if pattern.startswith("*."):
        _, dot, parent = name.partition(".")
        return bool(dot) and parent == pattern[2:]
    return pattern == name


def _table(table: Table, key: str) -> Table:
    value: Any = table.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(table: Table, key: str) -> str:
    value: Any = table.get(key)
    return value if isinstance(value, str) else ""
