"""A login over telnet (inetutils-telnetd). The hardened side has none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.inetd import inetd
from rig.site import Site

PROGRAMS = ("telnetd",)
hardened = None


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Show the machine's own login prompt: nobody answers it."""
    room = site.room("telnet", "root")
    with inetd(site.address, 23, ("telnetd",), room / "log"):
        yield
