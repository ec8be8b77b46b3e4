"""A rig of real services: on one address weak, on another their hardened twins.

One file per service: the server's programs, and how it is started `weak` and `hardened` (None: the hardened side has
none). facts.tsv says which weaknesses must be found. Needs root: services listen on their usual ports, as users of
their own; each ends with the process that started it. See daemon.py.

    with site("weak") as there, redis.weak(there):
        ...                                   # there.address
"""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from rig.daemon import find
from rig.site import Site

DEBIAN = (
    "apache2-bin", "bind9", "dovecot-imapd", "dovecot-pop3d", "etcd-server", "inetutils-telnetd", "mariadb-server",
    "memcached", "nginx-light", "openssh-server", "postfix", "postgresql-15", "redis-server",
    "slapd", "snmpd", "tftpd-hpa", "tinyproxy-bin", "vsftpd", "xvfb",
)  # fmt: skip
"""What the whole rig needs installed (`postgresql-15` is the version of Debian 12; any other will do)."""
_NO_SERVICES = frozenset({"authority", "daemon", "facts", "inetd", "site", "stand_in", "__init__"})
NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _NO_SERVICES))


@dataclass(frozen=True, kw_only=True)
class Running:
    """One side with what runs on it. `missing`: services that cannot be started here, and why."""

    site: Site
    services: tuple[str, ...]
    missing: dict[str, str]

    @property
    def address(self) -> str:
        return self.site.address


def listening(address: str) -> tuple[str, ...]:
    """What listens on exactly this address, as the kernel has it: `22/tcp`, `161/udp`."""
    own = f"{int.from_bytes(socket.inet_aton(address), 'little'):08X}"
    found = set()
    for protocol, state in (("tcp", "0A"), ("udp", "07")):
        for row in Path(f"/proc/net/{protocol}").read_text(encoding="ascii").splitlines()[1:]:
            _number, local, _remote, is_state, *_rest = row.split()
            host, port = local.split(":")
            if host == own and is_state == state:
                found.add(f"{int(port, 16)}/{protocol}")
    return tuple(sorted(found))


def service(name: str) -> ModuleType:
    """Return the starter of one service."""
    return import_module(f"rig.{name}")


def reason_against(name: str) -> str:
    """Say why a service cannot be started here; nothing when it can."""
    if os.geteuid() != 0:
        return "it needs root"
    absent = [program for program in service(name).PROGRAMS if not find(program)]
    return f"{', '.join(absent)} is not installed" if absent else ""


@contextmanager
def start(site: Site, names: tuple[str, ...] = NAMES) -> Iterator[Running]:
    """Start all that can be started here, side by side, and end all of it with the block."""
    missing = {name: why for name in names if (why := reason_against(name))}
    twins = {name: getattr(service(name), site.side) for name in names if name not in missing}
    ready = {name: twin for name, twin in twins.items() if twin}
    # The threads outlive the services: a server is killed with the thread that started it.
    with ThreadPoolExecutor(max(1, len(ready))) as executor, ExitStack() as stack:
        entered = [(twin := make(site), executor.submit(twin.__enter__)) for make in ready.values()]
        error: Exception | None = None
        for twin, entering in entered:
            try:
                entering.result()
            except Exception as failed:  # noqa: BLE001 - the others are ended first
                error = failed
            else:
                stack.push(twin)
        if error:
            raise error
        yield Running(site=site, services=tuple(sorted(ready)), missing=missing)
