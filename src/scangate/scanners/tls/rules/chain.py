"""Whether clients that know no more than the public authorities, and those of `trust`, can follow the chain."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.certificate import WEAK_SIGNATURE
from scangate.scanners.tls.answer import MOST_CERTIFICATES
from scangate.scanners.tls.chain import Fate
from scangate.scanners.tls.rules.certificate import WEAK_HASHES
from scangate.scanners.tls.rules.seen import Seen

UNTRUSTED: Final = Rule(
    id="tls-certificate-untrusted", title="A certificate leads to no trusted authority", severity=Severity.LOW,
    worst=Severity.MEDIUM, cwes=("CWE-295",),
    why="clients that were not given this authority beforehand refuse it, or are taught to accept anything",
    fix="have the certificate of {port} on {host} issued by an authority that its clients trust, or name it in `trust`",
    help="https://www.rfc-editor.org/rfc/rfc5280#section-6",
)  # fmt: skip
INCOMPLETE: Final = Rule(
    id="tls-certificate-chain-incomplete", title="A certificate comes without its issuer", severity=Severity.LOW,
    cwes=("CWE-295",), why="clients that do not happen to have the issuer cannot tell it from a forged one",
    fix="send the whole chain with the certificate of {port} on {host}, or name its authority in `trust`",
    help="https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2",
)  # fmt: skip
ORDER: Final = Rule(
    id="tls-certificate-chain-order", title="A chain of certificates is out of order", severity=Severity.INFO,
    cwes=(), why="each certificate should be followed by its issuer, and strict clients refuse anything else",
    fix="put the chain of {port} on {host} in order: its own certificate first, then each one's issuer",
    help="https://www.rfc-editor.org/rfc/rfc5246#section-7.4.2",
)  # fmt: skip
LONG: Final = Rule(
    id="tls-certificate-chain-long", title="A chain is longer than any client needs", severity=Severity.INFO,
    cwes=("CWE-400",), why="each handshake carries all of them, and many clients refuse so many",
    fix="send no more than the path to the authority on {port} of {host}",
    help="https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2",
)  # fmt: skip
NO_TIMESTAMP: Final = Rule(
    id="tls-certificate-no-sct", title="A public certificate is in no log", severity=Severity.INFO, cwes=("CWE-295",),
    why="browsers want proof that a public authority logged what it issued (certificate transparency)",
    fix="have the certificate of {port} on {host} issued with signed timestamps (SCT)",
    help="https://www.rfc-editor.org/rfc/rfc6962",
)  # fmt: skip
RULES: Final = (UNTRUSTED, INCOMPLETE, ORDER, LONG, NO_TIMESTAMP)


def check(seen: Seen) -> Iterator[Hit]:
    """Where each chain leads. A certificate that signs itself has a rule of its own."""
    for chain, way in zip(seen.chains, seen.ways, strict=True):
        leaf, end = chain[0], way.end.subject or "an authority without a name"
        if way.fate is Fate.FOREIGN and not leaf.names_itself:
            yield Hit(rule=UNTRUSTED, said=f"the certificate of {seen.where} leads to {end}, which is not trusted")
        elif way.fate is Fate.BROKEN:
            said = f"the certificate of {seen.where} leads through {end}, which {way.why}"
            yield Hit(rule=UNTRUSTED, said=said, severity=UNTRUSTED.worst)
        elif way.fate is Fate.SHORT:
            issuer = way.end.issuer or "without a name"
            said = f"the issuer {issuer} was neither sent by {seen.where}, nor is it trusted"
            yield Hit(rule=INCOMPLETE, said=said)
        if not way.ordered:
            yield Hit(rule=ORDER, said=f"{seen.where} sends {len(chain)} certificates out of order")
        for each in chain[1:]:
            if each.signature in WEAK_HASHES and not each.names_itself:
                said = f"{each.subject} in the chain of {seen.where} is signed with {each.signature.upper()}"
                yield Hit(rule=WEAK_SIGNATURE, said=said)
        if way.public and not (leaf.has_timestamps or seen.spoken.timestamps or seen.spoken.stapled):
            yield Hit(rule=NO_TIMESTAMP, said=f"the certificate of {seen.where} came without signed timestamps")
    if seen.spoken.overlong:
        yield Hit(rule=LONG, said=f"{seen.where} sends a chain of more than {MOST_CERTIFICATES} certificates")
