"""SSH algorithms that no server should offer any more (OpenSSH turned them off by 2017, or by RFC 9142)."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.listener import Listener

WEAK: Final = Rule(
    id="ssh-algorithm-weak",
    title="SSH offers broken algorithms",
    severity=Severity.MEDIUM,
    why="an attacker on the way can have them chosen, and read or change the session",
    fix="remove the broken algorithms of SSH on {port} of {host}",
    cwes=("CWE-327",),
    script="ssh2-enum-algos",
)
VERSION_1: Final = Rule(
    id="ssh-protocol-1",
    title="SSH version 1 is offered",
    severity=Severity.HIGH,
    why="its integrity check is broken, so a session can be taken over",
    fix="allow SSH version 2 only on {port} of {host}",
    cwes=("CWE-327",),
    script="sshv1",
)
RULES: Final = (WEAK, VERSION_1)
SCRIPTS: Final = ("ssh2-enum-algos", "sshv1")

_BROKEN: Final = frozenset({
    "diffie-hellman-group1-sha1", "diffie-hellman-group-exchange-sha1", "ssh-dss", "3des-cbc", "blowfish-cbc",
    "cast128-cbc", "arcfour", "arcfour128", "arcfour256", "rijndael-cbc@lysator.liu.se", "hmac-md5",
    "hmac-md5-96", "none",
})  # fmt: skip
_LISTS: Final = ("kex_algorithms", "server_host_key_algorithms", "encryption_algorithms", "mac_algorithms")


def check(listener: Listener) -> Iterator[Hit]:
    """What the server offered in its key exchange."""
    scripts = listener.port.scripts
    if "ssh2-enum-algos" in scripts:
        table = scripts["ssh2-enum-algos"].table
        offered = {str(name) for key in _LISTS if isinstance(table.get(key), dict) for name in table[key].get("", ())}
        if broken := sorted(offered & _BROKEN):
            yield Hit(rule=WEAK, said=f"{listener.where} offers {', '.join(broken)}")
    if "sshv1" in scripts and "supports SSHv1" in scripts["sshv1"].output:
        yield Hit(rule=VERSION_1, said=f"{listener.where} offers SSH version 1")
