"""What is wrong with an SSH server. The rules that nmap's scripts see as well are the same ones."""

from collections.abc import Iterator, Sequence
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners.network.rule import Facts, Hit, Rule
from scangate.scanners.nmap.rules.ssh import VERSION_1, WEAK
from scangate.scanners.ssh_audit.grading import Grade, Graded, grade
from scangate.scanners.ssh_audit.parse import Audit, Vulnerability

_GUIDE: Final = "https://www.ssh-audit.com/hardening_guides.html"

DATED: Final = Rule(
    id="ssh-algorithm-dated", title="SSH offers algorithms that are on their way out", severity=Severity.LOW,
    cwes=("CWE-327",), why="SHA-1, CBC and short tags have known weaknesses, and attacks on them only get better",
    fix="remove the dated algorithms of SSH on {port} of {host}", help=_GUIDE,
    controls=("NIST SP 800-131A r2",),
)  # fmt: skip
HOST_KEY: Final = Rule(
    id="ssh-host-key-weak", title="SSH shows a weak host key", severity=Severity.HIGH, cwes=("CWE-326",),
    why="RSA keys under 2,048 bits can be broken, and whoever does can pretend to be the server",
    fix="give SSH on {port} of {host} an Ed25519 key, or an RSA key of 3,072 bits", help=_GUIDE,
    controls=("NIST SP 800-57 part 1",),
)  # fmt: skip
SHORT_PRIME: Final = Rule(
    id="ssh-dh-weak", title="SSH uses Diffie-Hellman with a short prime", severity=Severity.MEDIUM, cwes=("CWE-326",),
    why="primes of 1,024 bits can be broken by a state, and shorter ones by anybody (Logjam)",
    fix="remove the lines with less than 2,047 bits from /etc/ssh/moduli on {host} (SSH on {port})", help=_GUIDE,
)  # fmt: skip
TERRAPIN: Final = Rule(
    id="CVE-2023-48795", title="SSH is open to the Terrapin attack", severity=Severity.MEDIUM, cwes=("CWE-354",),
    why="an attacker on the way can drop the first messages, and switch off protections of the session",
    fix="update the SSH server on {port} of {host} to one with strict key exchange, or drop ChaCha20 and CBC with EtM",
    help="https://terrapin-attack.com/",
)  # fmt: skip
PASSWORDS: Final = Rule(
    id="ssh-password-authentication", title="SSH takes passwords", severity=Severity.LOW, cwes=("CWE-307",),
    why="passwords are guessed and stolen day and night; keys are not",
    fix="allow keys only for SSH on {port} of {host} (PasswordAuthentication no, KbdInteractiveAuthentication no)",
    help="https://man.openbsd.org/sshd_config#PasswordAuthentication", controls=("PCI DSS 4.0.1 8.4.2",),
)  # fmt: skip
RULES: Final = (WEAK, DATED, HOST_KEY, SHORT_PRIME, TERRAPIN, PASSWORDS, VERSION_1)

_STRICT: Final = "kex-strict-s-v00@openssh.com"
_LEAST_BITS: Final = 2048
_SHOWN: Final = 12
_HIGH, _MEDIUM = 7.0, 4.0


def check(audit: Audit, where: str) -> Iterator[Hit]:
    """What the server offered in its key exchange, and what ssh-audit concludes from its banner."""
    graded = [grade(each) for each in audit.algorithms]
    bad = _of(graded, Grade.BROKEN, Grade.OPEN)
    advice: Facts = (("advice", "; ".join(audit.advice)),) if audit.advice else ()
    if bad:
        worst = Severity.HIGH if _of(graded, Grade.OPEN) else None
        yield Hit(rule=WEAK, said=f"{where} offers {_some(bad)}", severity=worst, facts=(*_reasons(bad), *advice))
    if dated := _of(graded, Grade.DATED):
        yield Hit(rule=DATED, said=f"{where} offers {_some(dated)}", facts=(*_reasons(dated), *advice))
    yield from _keys(audit, where)
    if _open_to_terrapin(audit):
        yield Hit(rule=TERRAPIN, said=f"{where} offers the suites it needs, and no strict key exchange")
    for vulnerability in audit.vulnerabilities:
        if vulnerability.id != TERRAPIN.id:
            yield _by_banner(vulnerability, audit, where)


def old_version(banner: str, where: str) -> Iterator[Hit]:
    """A server that says that it speaks version 1: 1.99 is both, anything else below 2 is that alone."""
    if banner.startswith("SSH-1."):
        yield Hit(rule=VERSION_1, said=f"{where} says that it speaks {banner[:8]}", facts=(("banner", banner),))


def logins(methods: Sequence[str], where: str) -> Iterator[Hit]:
    """The ways to log in that a server offers somebody who shows nothing."""
    taken = [method for method in ("password", "keyboard-interactive") if method in methods]
    if taken:
        facts = (("ways to log in", ", ".join(methods)),)
        yield Hit(rule=PASSWORDS, said=f"{where} offers {' and '.join(taken)}", facts=facts)


def _keys(audit: Audit, where: str) -> Iterator[Hit]:
    for kind, rule, what in (("key", HOST_KEY, "an RSA host key"), ("kex", SHORT_PRIME, "a Diffie-Hellman prime")):
        sized = [each for each in audit.algorithms if each.kind == kind and each.bits]
        fit = [each for each in sized if "rsa" in each.name] if kind == "key" else sized
        # RFC 4419 counts one bit less where the highest is not set.
        short = [each.bits for each in fit if each.bits < _LEAST_BITS - 1]
        if short:
            facts = (("bits", str(min(short))),)
            yield Hit(rule=rule, said=f"{where} shows {what} of {min(short)} bits", facts=facts)


def _open_to_terrapin(audit: Audit) -> bool:
    """By what both sides must have for it (CVE-2023-48795)."""
    if _STRICT in audit.names("kex"):
        return False
    chained = any("-cbc" in name for name in audit.names("enc"))
    return "chacha20-poly1305@openssh.com" in audit.names("enc") or (
        chained and any("-etm@" in name for name in audit.names("mac"))
    )


def _by_banner(vulnerability: Vulnerability, audit: Audit, where: str) -> Hit:
    score = vulnerability.score
    rule = Rule(
        id=vulnerability.id, title=f"SSH server: {vulnerability.description or vulnerability.id}",
        severity=Severity.HIGH if score >= _HIGH else Severity.MEDIUM if score >= _MEDIUM else Severity.LOW,
        why="ssh-audit concludes this from the banner, which does not show what a distribution mended",
        fix="update the SSH server on {port} of {host}", cwes=(),
        help=f"https://nvd.nist.gov/vuln/detail/{vulnerability.id}",
    )  # fmt: skip
    said = f"{where} says that it is {audit.software or 'an affected version'}"
    facts = (("banner", audit.banner), ("CVSS 2 score", f"{score:g}"))
    return Hit(rule=rule, said=said, confidence=Confidence.POTENTIAL, facts=facts)


def _of(graded: Sequence[Graded], *grades: Grade) -> list[Graded]:
    return sorted({each for each in graded if each.grade in grades}, key=lambda each: each.name)


def _some(graded: Sequence[Graded]) -> str:
    more = f" and {len(graded) - _SHOWN} more" if len(graded) > _SHOWN else ""
    return ", ".join(each.name for each in graded[:_SHOWN]) + more


def _reasons(graded: Sequence[Graded]) -> Facts:
    return tuple((each.name, each.why) for each in graded)
