"""A cache for anyone, over UDP too, and one that asks for a name (memcached)."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.daemon import daemon
from rig.site import PASSWORD, Site

PROGRAMS = ("memcached",)


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer without a login, and datagrams."""
    room = site.room("memcached")
    argv = ("memcached", "-l", site.address, "-p", "11211", "-U", "11211", "-m", "8", "-t", "1")
    place = (site.address, 11211)
    with daemon(argv, room / "log", tcp=[place], udp=[place], user="nobody"):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Ask for a name and a password first, and answer no datagram."""
    room = site.room("memcached")
    users = site.write(room / "users", f"rig:{PASSWORD}\n", "nobody", 0o600)
    argv = ("memcached", "-l", site.address, "-p", "11211", "-U", "0", "-m", "8", "-t", "1", "-Y", str(users))
    with daemon(argv, room / "log", tcp=[(site.address, 11211)], user="nobody"):
        yield
