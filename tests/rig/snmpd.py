"""SNMP for anyone who says `public`, and SNMP version 3 with privacy (snmpd)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon
from rig.site import PASSWORD, Site

PROGRAMS = ("snmpd",)


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer versions 1 and 2c."""
    with _running(site, "rocommunity public\nsysDescr a rig\n"):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Answer one user of version 3."""
    with _running(site, f"createUser rig SHA-256 {PASSWORD} AES {PASSWORD}\nrouser rig priv\n"):
        yield


@contextmanager
def _running(site: Site, text: str) -> Iterator[None]:
    room: Path = site.room("snmpd", "root")
    config = site.write(room / "snmpd.conf", f"{text}agentXSocket {room}/agentx\n")
    argv = ("snmpd", "-f", "-Le", "-C", "-c", str(config), "-I", "-smux", f"udp:{site.address}:161")
    environ = {"SNMP_PERSISTENT_DIR": str(room / "state"), "MIBS": ""}
    with daemon(argv, room / "log", udp=[(site.address, 161)], environ=environ):
        yield
