"""Protections of the handshake that are missing, and extensions that old software gives itself away by."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.tls.rules.seen import Seen

RENEGOTIATION: Final = Rule(
    id="tls-renegotiation-insecure", title="Secure renegotiation is not known", severity=Severity.MEDIUM,
    cwes=("CWE-300",), why="an attacker on the way can put words of his own before a client's (CVE-2009-3555)",
    fix="update the TLS software of {port} on {host}, or allow TLS 1.3 only",
    help="https://www.rfc-editor.org/rfc/rfc5746",
)  # fmt: skip
COMPRESSION: Final = Rule(
    id="tls-compression", title="TLS compresses what it encrypts", severity=Severity.MEDIUM, cwes=("CWE-310",),
    why="the length of what is sent gives secrets away (CRIME, CVE-2012-4929)",
    fix="turn the compression of TLS off on {port} of {host}", help="https://www.rfc-editor.org/rfc/rfc7525#section-3.3",
)  # fmt: skip
FALLBACK: Final = Rule(
    id="tls-fallback-unnoticed", title="A downgrade to an older version goes unnoticed", severity=Severity.LOW,
    cwes=("CWE-757",), why="an attacker on the way can have old clients use the worst version that both know (POODLE)",
    fix="allow TLS 1.2 and 1.3 only on {port} of {host}", help="https://www.rfc-editor.org/rfc/rfc7507",
)  # fmt: skip
HEARTBEAT: Final = Rule(
    id="tls-heartbeat", title="The heartbeat extension is offered", severity=Severity.INFO, cwes=("CWE-1104",),
    why="OpenSSL had it from 1.0.1 to 1.1.0 only: the software is likely old, and was once open to Heartbleed",
    fix="update the TLS software of {port} on {host}", help="https://www.rfc-editor.org/rfc/rfc6520",
)  # fmt: skip
RULES: Final = (RENEGOTIATION, COMPRESSION, FALLBACK, HEARTBEAT)


def check(seen: Seen) -> Iterator[Hit]:
    """Only what was found out: None says nothing."""
    spoken = seen.spoken
    if spoken.renegotiation is False:
        yield Hit(rule=RENEGOTIATION, said=f"{seen.where} does not answer the extension for secure renegotiation")
    if spoken.compression:
        yield Hit(rule=COMPRESSION, said=f"{seen.where} agrees to compress by DEFLATE")
    if spoken.fallback is False:
        yield Hit(rule=FALLBACK, said=f"{seen.where} takes a greeting that claims to be a fallback (TLS_FALLBACK_SCSV)")
    if spoken.heartbeat:
        yield Hit(rule=HEARTBEAT, said=f"{seen.where} answers the heartbeat extension", confidence=Confidence.POTENTIAL)
