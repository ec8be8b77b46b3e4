"""Services that let anyone in. Each is proved by what the service gave without a password."""

from collections.abc import Callable, Iterator
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.listener import Listener

_CWE: Final = ("CWE-306",)
_DATA: Final = "anyone who reaches the port can read and change the data, and often run commands"

REDIS: Final = Rule(
    id="net-no-auth-redis", title="Redis without a password", severity=Severity.CRITICAL, cwes=_CWE, why=_DATA,
    fix="set a password (`requirepass` or ACLs) for Redis on {port} of {host}", script="redis-info",
)  # fmt: skip
MEMCACHED: Final = Rule(
    id="net-no-auth-memcached", title="Memcached without authentication", severity=Severity.HIGH, cwes=_CWE,
    why="anyone who reaches the port can read and change the cache, and over UDP use it to flood others",
    fix="bind Memcached on {port} of {host} to loopback, or require SASL", script="memcached-info",
)  # fmt: skip
MONGODB: Final = Rule(
    id="net-no-auth-mongodb", title="MongoDB without authentication", severity=Severity.CRITICAL, cwes=_CWE, why=_DATA,
    fix="enable authorization for MongoDB on {port} of {host}", script="mongodb-databases",
)  # fmt: skip
ELASTIC: Final = Rule(
    id="net-no-auth-elasticsearch", title="Elasticsearch without authentication", severity=Severity.CRITICAL,
    cwes=_CWE, why=_DATA, fix="enable security for Elasticsearch on {port} of {host}",
)  # fmt: skip
DOCKER: Final = Rule(
    id="net-no-auth-docker", title="The Docker API without authentication", severity=Severity.CRITICAL, cwes=_CWE,
    why="anyone who reaches the port is root on the host",
    fix="close the Docker API on {port} of {host}, or require client certificates", script="docker-version",
)  # fmt: skip
JDWP: Final = Rule(
    id="net-no-auth-jdwp", title="A Java debugger is open", severity=Severity.CRITICAL, cwes=("CWE-306", "CWE-489"),
    why="the protocol has no login, and lets anyone run code",
    fix="start the Java program on {port} of {host} without JDWP",
)  # fmt: skip
FTP: Final = Rule(
    id="net-anonymous-ftp", title="FTP lets anyone in", severity=Severity.MEDIUM, worst=Severity.HIGH, cwes=_CWE,
    why="anyone who reaches the port can read what is there, or leave files",
    fix="turn off anonymous FTP on {port} of {host}", script="ftp-anon",
)  # fmt: skip
X11: Final = Rule(
    id="net-no-auth-x11", title="An X server lets anyone in", severity=Severity.HIGH, cwes=_CWE,
    why="anyone who reaches the port sees the screen and the keys pressed",
    fix="start the X server on {port} of {host} with -nolisten tcp", script="x11-access",
)  # fmt: skip
VNC: Final = Rule(
    id="net-no-auth-vnc", title="VNC without a password", severity=Severity.CRITICAL, cwes=_CWE,
    why="anyone who reaches the port uses the desktop", fix="set a password for VNC on {port} of {host}",
    script="vnc-info",
)  # fmt: skip
SNMP: Final = Rule(
    id="net-no-auth-snmp", title="SNMP answers the community `public`", severity=Severity.HIGH,
    cwes=("CWE-306", "CWE-1392"), why="anyone who reaches the port reads how the host and its network are built",
    fix="remove the community `public` on {port} of {host}", script="snmp-sysdescr",
)  # fmt: skip
RULES: Final = (REDIS, MEMCACHED, MONGODB, ELASTIC, DOCKER, JDWP, FTP, X11, VNC, SNMP)
SCRIPTS: Final = (
    "ftp-anon", "memcached-info", "mongodb-databases", "redis-info", "snmp-sysdescr", "vnc-info", "x11-access",
)  # fmt: skip


def check(listener: Listener) -> Iterator[Hit]:
    """What a script, or the version probe itself, got without a login."""
    for rule, proof in _PROOFS:
        script = listener.port.scripts.get(rule.script)
        if script and (said := proof(script.output, script.table)):
            worse = rule.worst if rule is FTP and "[NSE: writeable]" in script.output else None
            yield Hit(rule=rule, said=f"{listener.where} {said}", severity=worse)
    port = listener.port
    if port.is_probed and port.name == "jdwp":
        yield Hit(rule=JDWP, said=f"{listener.where} answered the JDWP handshake")
    if port.is_probed and port.product.startswith("Elasticsearch REST API") and port.version:
        # Asked without a password, only an open one tells its version.
        yield Hit(rule=ELASTIC, said=f"{listener.where} told its version without a login", confidence=Confidence.FIRM)


Proof = Callable[[str, object], str]

_PROOFS: Final[tuple[tuple[Rule, Proof], ...]] = (
    (REDIS, lambda _output, table: "answered INFO without a password" if _has(table, "Version") else ""),
    (MEMCACHED, lambda _output, table: "answered `stats` without a login" if _has(table, "Process ID") else ""),
    (MONGODB, lambda output, _table: "listed its databases without a login" if "totalSize" in output else ""),
    (DOCKER, lambda _output, table: "answered /version without a client certificate" if _has(table, "Version") else ""),
    (FTP, lambda output, _table: "let `anonymous` log in" if output.startswith("Anonymous FTP login allowed") else ""),
    (X11, lambda output, _table: "granted access" if output.startswith("X server access is granted") else ""),
    (VNC, lambda _output, table: "requires no authentication" if _has(table, "WARNING") else ""),
    (SNMP, lambda output, _table: "answered the community `public`" if output.strip() else ""),
)


def _has(table: object, key: str) -> bool:
    return isinstance(table, dict) and bool(table.get(key))
