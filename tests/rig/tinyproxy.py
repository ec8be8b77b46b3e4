"""A proxy for anyone, and one for an address that nobody has (tinyproxy-bin)."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("tinyproxy",)
_COMMON = "Listen {address}\nPort 3128\nTimeout 5\nMaxClients 10\nLogLevel Error\nUser nobody\nGroup nogroup\n"
# Whatever it is asked for, it goes no further than the rig.
_INSIDE = 'Filter "{room}/filter"\nFilterURLs On\nFilterExtended On\nFilterDefaultDeny Yes\n'


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Relay for anyone, to loopback only."""
    with _running(site, ""):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Relay for one address, and disclose nothing."""
    with _running(site, "Allow 127.255.255.253\nDisableViaHeader Yes\n"):
        yield


@contextmanager
def _running(site: Site, more: str) -> Iterator[None]:
    room = site.room("tinyproxy")
    site.write(room / "filter", "^(https?://)?127[.]\n")
    config = site.write(room / "tinyproxy.conf", (_COMMON + _INSIDE + more).format(address=site.address, room=room))
    with daemon(("tinyproxy", "-d", "-c", str(config)), room / "log", tcp=[(site.address, 3128)]):
        yield
