"""Redis for anyone, and Redis over TLS with users (redis-server)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon
from rig.site import PASSWORD, Site

PROGRAMS = ("redis-server",)
USER = "scangate"
_COMMON = 'bind {address}\ndir {room}\nsave ""\nappendonly no\ndaemonize no\n'
_HARDENED = """port 0
tls-port 6379
tls-cert-file {certificate}
tls-key-file {key}
tls-ca-cert-file {authority}
tls-auth-clients no
tls-protocols "TLSv1.2 TLSv1.3"
tls-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384
user default off resetpass -@all
user app on >{password} ~app:* &app:* +@read +@write -@dangerous
user scangate on >{password} resetkeys resetchannels -@all +info +acl|list +acl|whoami +config|get +ping
"""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer anyone, whatever they ask."""
    with _running(site, _COMMON + "port 6379\nprotected-mode no\n"):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Speak TLS only, with users that may do little."""
    with _running(site, _COMMON + _HARDENED):
        yield


@contextmanager
def _running(site: Site, text: str) -> Iterator[None]:
    room: Path = site.room("redis")
    certificate, key = site.authority.issue(room, site.address)
    key.chmod(0o644)
    authority = room / "authority.pem"
    authority.write_bytes(site.authority.certificate)
    values = {"certificate": certificate, "key": key, "authority": authority, "password": PASSWORD}
    config = site.write(room / "redis.conf", text.format(room=room, address=site.address, **values))
    with daemon(("redis-server", str(config)), room / "log", tcp=[(site.address, 6379)], user="nobody"):
        yield
