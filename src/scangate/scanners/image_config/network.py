"""Ports that an image says it listens on, and servers for logging in that it has."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Finding, Severity
from scangate.scanners.image_config.rule import Check, Image, Rule, finding

PORT: Final = Rule(
    id="image-management-port",
    title="The image exposes a port for managing it",
    severity=Severity.MEDIUM,
    why="who reaches such a port can try to take the container over; that it is reached is for the network to say",
    fix="Remove EXPOSE of management ports, and the servers behind them",
    cwe="CWE-668",
    cis="4.3",
)
SERVER: Final = Rule(
    id="image-login-server",
    title="A server for logging in is in the image",
    severity=Severity.LOW,
    why="a container is entered through its engine; a server of its own is one more thing to attack and to update",
    fix="Remove the SSH server from the image",
    cwe="CWE-1125",
    cis="4.3",
)
SUDO: Final = Rule(
    id="image-sudo",
    title="A program for becoming root is in the image",
    severity=Severity.INFO,
    why="a container's process has the rights it needs from its beginning",
    fix="Remove sudo from the image",
    cwe="CWE-250",
    cis="4.3",
)
_REMOTE: Final = {
    21: "FTP", 22: "SSH", 23: "telnet", 111: "rpcbind", 161: "SNMP", 445: "SMB", 512: "rexec", 513: "rlogin",
    514: "rsh", 2375: "Docker without TLS", 2376: "Docker", 3389: "RDP", 5900: "VNC", 5985: "WinRM", 5986: "WinRM",
    6443: "Kubernetes", 10000: "Webmin", 10250: "kubelet", 9229: "Node's debugger", 5005: "Java's debugger",
}  # fmt: skip
_DATABASES: Final = {
    1433: "SQL Server", 1521: "Oracle", 2379: "etcd", 3306: "MySQL", 5432: "PostgreSQL", 5984: "CouchDB",
    6379: "Redis", 9042: "Cassandra", 9200: "Elasticsearch", 11211: "memcached", 15672: "RabbitMQ's management",
    27017: "MongoDB",
}  # fmt: skip
_UNSAFE: Final = frozenset({23, 512, 513, 514, 2375, 9229, 5005})
_SERVERS: Final = ("usr/sbin/sshd", "usr/sbin/dropbear", "usr/sbin/in.telnetd", "usr/sbin/telnetd", "usr/sbin/vsftpd")
_SUDO: Final = ("usr/bin/sudo", "usr/bin/doas", "bin/sudo", "bin/doas")
_HIGHEST: Final = 65_535


def ports(image: Image) -> Iterator[Finding]:
    for exposed in image.config.exposed if image.config else ():
        numbers, _slash, protocol = exposed.partition("/")
        first, _dash, last = numbers.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal() or len(first) > 5 or len(last) > 5:  # noqa: PLR2004
            continue
        for port in (*_REMOTE, *_DATABASES):
            if int(first) <= port <= min(int(last or first), _HIGHEST):
                yield _port(image, port, protocol or "tcp")


def servers(image: Image) -> Iterator[Finding]:
    for rule, programs in ((SERVER, _SERVERS), (SUDO, _SUDO)):
        for path in programs:
            if image.files.exists(path) and image.files.real(path) == path:
                yield finding(rule, image, path, f"/{path} is in the image.", place=f"/{path}")


def _port(image: Image, port: int, protocol: str) -> Finding:
    name = _REMOTE.get(port) or _DATABASES[port]
    severity, why = PORT.severity, ""
    if port in _DATABASES:
        severity, why = (
            Severity.LOW,
            "a database's own port is what its image is for; that it is reached is for the network to say",
        )
    elif port in _UNSAFE:
        severity, why = Severity.HIGH, "what listens there asks for no password, or sends it readable"
    message = f"EXPOSE names {port}/{protocol}, the port of {name}."
    facts = (("port", f"{port}/{protocol}"), ("service", name))
    subject = f"{port}/{protocol}"
    # EXPOSE says what its author meant, not that anything listens.
    return finding(
        PORT,
        image,
        subject,
        message,
        severity=severity,
        why=why,
        confidence=Confidence.POTENTIAL,
        place="config: ExposedPorts",
        facts=facts,
    )


CHECKS: Final = (
    Check(name="exposed ports", look=ports, of_config=True),
    Check(name="servers for logging in", look=servers),
)
