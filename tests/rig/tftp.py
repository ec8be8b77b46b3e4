"""Files for anyone over UDP (tftpd-hpa). The hardened side has none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("in.tftpd",)
hardened = None


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Serve what boots network devices, read-only."""
    room = site.room("tftp", "root")
    site.write(room / "served" / "pxelinux.0", "not a boot loader\n")
    argv = ("in.tftpd", "--foreground", "--address", f"{site.address}:69", "--user", "nobody", "--secure")
    with daemon((*argv, str(room / "served")), room / "log", udp=[(site.address, 69)]):
        yield
