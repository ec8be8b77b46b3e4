"""Ports that are open and should not be, or should be and are not."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.address import Expected, Protocol
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.listener import Listener

UNEXPECTED: Final = Rule(
    id="net-unexpected-port",
    title="A port is open that is not expected to be",
    severity=Severity.MEDIUM,
    worst=Severity.HIGH,
    why="whatever listens can be attacked; databases and management interfaces are looked for first",
    fix="close {port} on {host}, or add it to `expect`",
    cwes=("CWE-1125",),
)
CLOSED: Final = Rule(
    id="net-expected-port-closed",
    title="A port that is expected to be open is not",
    severity=Severity.LOW,
    why="the service is down, or `expect` allows more than the deployment needs",
    fix="start what listens on {port} of {host}, or remove it from `expect`",
    cwes=(),
)
RULES: Final = (UNEXPECTED, CLOSED)
SCRIPTS: Final[tuple[str, ...]] = ()

_TCP: Final = {
    23: "Telnet", 111: "rpcbind", 135: "Windows RPC", 139: "NetBIOS", 389: "LDAP", 445: "SMB", 512: "rexec",
    513: "rlogin", 514: "rsh", 623: "IPMI", 873: "rsync", 1099: "Java RMI", 1433: "Microsoft SQL Server",
    1521: "Oracle Database", 2049: "NFS", 2181: "ZooKeeper", 2375: "the Docker API", 2376: "the Docker API",
    2379: "etcd", 2380: "etcd", 3306: "MySQL", 3389: "Remote Desktop",
    5005: "the Java debugger", 5432: "PostgreSQL", 5601: "Kibana", 5672: "AMQP", 5900: "VNC", 5901: "VNC",
    5984: "CouchDB", 5985: "WinRM", 5986: "WinRM", 6000: "X11", 6379: "Redis", 6443: "the Kubernetes API",
    8009: "AJP", 8086: "InfluxDB", 9042: "Cassandra",
    9092: "Kafka", 9200: "Elasticsearch", 9300: "Elasticsearch", 10250: "the kubelet API", 10255: "the kubelet API",
    11211: "Memcached", 15672: "RabbitMQ management", 27017: "MongoDB", 50000: "IBM Db2",
}  # fmt: skip
_UDP: Final = {69: "TFTP", 111: "rpcbind", 161: "SNMP", 389: "LDAP", 623: "IPMI", 1434: "Microsoft SQL Server",
               11211: "Memcached"}  # fmt: skip
_OVER_HTTP: Final = frozenset({2379, 5601, 5984, 5985, 5986, 6443, 8086, 9200, 10250, 10255, 15672})
_SERVICES: Final = {
    "ajp13": "AJP", "amqp": "AMQP", "cassandra-native": "Cassandra", "docker": "the Docker API",
    "jdwp": "the Java debugger", "ldap": "LDAP", "memcached": "Memcached", "microsoft-ds": "SMB", "mongodb": "MongoDB",
    "ms-sql-s": "Microsoft SQL Server",
    "ms-wbt-server": "Remote Desktop", "mysql": "MySQL", "netbios-ssn": "SMB", "oracle-tns": "Oracle Database",
    "postgresql": "PostgreSQL", "redis": "Redis", "snmp": "SNMP", "telnet": "Telnet", "vnc": "VNC", "X11": "X11",
    "zookeeper": "ZooKeeper",
}  # fmt: skip


def check(listener: Listener) -> Iterator[Hit]:
    """Every open port that `expect` does not name."""
    port = listener.port
    if port.protocol in set(Protocol) and _as_expected(listener) in listener.expected:
        return
    sensitive = _sensitive(listener)
    service = f"{port.product} {port.version}".strip() or port.name or "an unknown service"
    guess = "" if port.is_probed or not port.name else ", a guess from the port's number"
    yield Hit(
        rule=UNEXPECTED,
        said=f"{listener.place} is open on {listener.host} ({service}{guess}) and `expect` does not name it"
        + (f"; it is where {sensitive} listens" if sensitive else ""),
        severity=UNEXPECTED.worst if sensitive else None,
    )


def closed(expected: Expected, host: str, answered: int) -> Hit:
    """The finding for an expected port that none of the `answered` hosts has open."""
    hosts = "the host" if answered == 1 else f"any of the {answered} hosts"
    return Hit(rule=CLOSED, said=f"{expected} is in `expect` of {host}, and is not open on {hosts} that answered")


def _as_expected(listener: Listener) -> Expected:
    return Expected(protocol=Protocol(listener.port.protocol), port=listener.port.number)


def _sensitive(listener: Listener) -> str:
    port = listener.port
    by_number = (_UDP if port.protocol == "udp" else _TCP).get(port.number, "")
    # What the service itself said outranks its number: a web server on 6379 is no database.
    if port.is_probed and port.name in _SERVICES:
        return _SERVICES[port.name]
    says_nothing = not port.is_probed or port.name in ("", "tcpwrapped", "unknown")
    return by_number if says_nothing or (port.name == "http" and port.number in _OVER_HTTP) else ""
