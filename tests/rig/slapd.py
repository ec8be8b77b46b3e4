"""A directory for anyone in clear text, and one that asks for TLS and a name (slapd)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon, run
from rig.site import PASSWORD, Site

PROGRAMS = ("slapd", "slapadd")
_COMMON = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {room}/pid
"""
_DATABASE = """database mdb
maxsize 10485760
suffix "dc=rig,dc=example"
rootdn "cn=admin,dc=rig,dc=example"
rootpw {password}
directory {room}/data
"""
_HARDENED = """TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
TLSProtocolMin 3.3
TLSCipherSuite SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-AES-128-CBC:-AES-256-CBC:-SHA1
security tls=128
disallow bind_anon
require authc
"""
_ENTRIES = """dn: dc=rig,dc=example
objectClass: dcObject
objectClass: organization
o: rig
dc: rig

dn: cn=Jo,dc=rig,dc=example
objectClass: inetOrgPerson
cn: Jo
sn: Public
mail: jo@rig.example
"""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Let anyone read all entries."""
    room = site.room("slapd", "openldap")
    text = (_COMMON + _DATABASE + "access to * by * read\n").format(room=room, password=PASSWORD)
    with _running(site, room, text):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Answer after StartTLS and a login only."""
    room = site.room("slapd", "openldap")
    certificate, key = site.authority.issue(room, site.address)
    rules = "access to attrs=userPassword by anonymous auth by * none\naccess to * by users read by * none\n"
    text = (_COMMON + _HARDENED + _DATABASE + rules).format(
        room=room, password=PASSWORD, certificate=certificate, key=key
    )
    with _running(site, room, text):
        yield


@contextmanager
def _running(site: Site, room: Path, text: str) -> Iterator[None]:
    (room / "data").mkdir()
    site.write(room / "data" / "note", "", "openldap")
    config = site.write(room / "slapd.conf", text)
    run(("slapadd", "-f", str(config), "-q"), text=_ENTRIES)
    run(("chown", "-R", "openldap", str(room / "data")))
    argv = ("slapd", "-d", "0", "-f", str(config), "-u", "openldap", "-h", f"ldap://{site.address}:389/")
    with daemon(argv, room / "log", tcp=[(site.address, 389)]):
        yield
