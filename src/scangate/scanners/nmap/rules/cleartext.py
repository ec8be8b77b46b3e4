"""Services that carry passwords or sessions where anyone on the way can read them."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.listener import Listener

_CWE: Final = ("CWE-319",)
_READ: Final = "whoever can read the traffic reads the passwords in it, and can change it"

TELNET: Final = Rule(
    id="net-cleartext-telnet", title="Telnet carries logins in clear text", severity=Severity.HIGH, cwes=_CWE,
    why=_READ, fix="replace telnet on {port} of {host} with SSH",
)  # fmt: skip
RSH: Final = Rule(
    id="net-cleartext-rsh", title="rsh, rlogin or rexec is open", severity=Severity.HIGH, cwes=_CWE,
    why="these trust addresses and carry logins in clear text",
    fix="replace the r-command on {port} of {host} with SSH",
)  # fmt: skip
FTP: Final = Rule(
    id="net-cleartext-ftp", title="FTP without TLS", severity=Severity.MEDIUM, cwes=_CWE, why=_READ,
    fix="require TLS for FTP on {port} of {host}, or replace it with SFTP",
)  # fmt: skip
POP3: Final = Rule(
    id="net-cleartext-pop3", title="POP3 without TLS", severity=Severity.MEDIUM, cwes=_CWE, why=_READ,
    fix="require TLS for POP3 on {port} of {host}", script="pop3-capabilities",
)  # fmt: skip
IMAP: Final = Rule(
    id="net-cleartext-imap", title="IMAP without TLS", severity=Severity.MEDIUM, cwes=_CWE, why=_READ,
    fix="require TLS for IMAP on {port} of {host}", script="imap-capabilities",
)  # fmt: skip
SMTP: Final = Rule(
    id="net-cleartext-smtp", title="SMTP without STARTTLS", severity=Severity.MEDIUM, cwes=_CWE,
    why="mail, and logins to send it, cross the network in clear text",
    fix="offer STARTTLS for SMTP on {port} of {host}", script="smtp-commands",
)  # fmt: skip
LDAP: Final = Rule(
    id="net-cleartext-ldap", title="LDAP without TLS", severity=Severity.MEDIUM, cwes=_CWE, why=_READ,
    fix="require TLS for LDAP on {port} of {host}",
)  # fmt: skip
SNMP: Final = Rule(
    id="net-cleartext-snmp", title="SNMP version 1 or 2c", severity=Severity.MEDIUM, cwes=_CWE,
    why="their community string is a password that crosses the network in clear text",
    fix="allow SNMP version 3 with privacy only on {port} of {host}",
)  # fmt: skip
VNC: Final = Rule(
    id="net-cleartext-vnc", title="VNC without TLS", severity=Severity.MEDIUM, cwes=_CWE,
    why="keystrokes and screens cross the network in clear text",
    fix="tunnel VNC on {port} of {host} through SSH or TLS", script="vnc-info",
)  # fmt: skip
HTTP_LOGIN: Final = Rule(
    id="net-cleartext-http-login", title="A login page without TLS", severity=Severity.HIGH,
    cwes=("CWE-319", "CWE-523"), why=_READ, fix="serve the login on {port} of {host} over HTTPS only",
    script="http-auth-finder",
)  # fmt: skip
RULES: Final = (TELNET, RSH, FTP, POP3, IMAP, SMTP, LDAP, SNMP, VNC, HTTP_LOGIN)

_NO_TLS: Final = {"telnet": TELNET} | dict.fromkeys(("shell", "login", "exec", "rsh", "rlogin", "rexec"), RSH)
_MAYBE_TLS: Final = {
    "ftp": FTP, "pop3": POP3, "imap": IMAP, "smtp": SMTP, "submission": SMTP, "ldap": LDAP, "vnc": VNC,
}  # fmt: skip
_CAPABILITIES: Final = {"pop3": "pop3-capabilities", "imap": "imap-capabilities", "smtp": "smtp-commands",
                        "submission": "smtp-commands"}  # fmt: skip
SCRIPTS: Final = ("http-auth", "http-auth-finder", *sorted(set(_CAPABILITIES.values())), "vnc-info")


def check(listener: Listener) -> Iterator[Hit]:
    """Services known to carry secrets, when they do so without TLS. TLS that is offered but not required passes."""
    port = listener.port
    if port.tunnel == "ssl":
        return
    if rule := _NO_TLS.get(port.name):
        yield Hit(rule=rule, said=f"{listener.where} is {port.name}", confidence=listener.by_name)
    elif rule := _MAYBE_TLS.get(port.name):
        yield from _unless_upgraded(listener, rule)
    elif port.name == "snmp" and ("v3" not in port.product or any(old in port.product for old in ("v1", "v2"))):
        yield Hit(rule=SNMP, said=f"{listener.where} speaks SNMP", confidence=listener.by_name)
    elif not port.name.startswith("https"):
        yield from _http_login(listener)


def _unless_upgraded(listener: Listener, rule: Rule) -> Iterator[Hit]:
    scripts = listener.port.scripts
    # ssl-cert goes through STARTTLS where the protocol has it: an answer proves that TLS is offered.
    if "ssl-cert" in scripts or "VeNCrypt" in "".join(script.output for script in scripts.values()):
        return
    capabilities = scripts.get(_CAPABILITIES.get(listener.port.name, ""))
    if capabilities and ("STARTTLS" in capabilities.output.upper() or "STLS" in capabilities.output.upper()):
        return
    confidence = listener.by_name
    if confidence is Confidence.CONFIRMED and not capabilities:
        # Nothing said that there is no STARTTLS; with scripts, nothing came of asking for it.
        confidence = Confidence.FIRM if listener.scripted else Confidence.POTENTIAL
    yield Hit(rule=rule, said=f"{listener.where} is {listener.port.name} and no TLS was offered", confidence=confidence)


def _http_login(listener: Listener) -> Iterator[Hit]:
    scripts = listener.port.scripts
    if "http-auth" in scripts:
        schemes = [each.get("scheme", "") for each in scripts["http-auth"].table.get("", ()) if isinstance(each, dict)]
        if any(isinstance(scheme, str) and scheme.lower() == "basic" for scheme in schemes):
            yield Hit(rule=HTTP_LOGIN, said=f"{listener.where} asks for a password by HTTP Basic authentication")
            return
    if "http-auth-finder" in scripts:
        rows = [line.split() for line in scripts["http-auth-finder"].output.splitlines()]
        for row in rows:
            if len(row) > 1 and row[0].startswith("http://") and (row[1] == "FORM" or "Basic" in row):
                yield Hit(rule=HTTP_LOGIN, said=f"{row[0]} has a form for a password", facts=(("page", row[0]),))
                return
