"""Names for anyone, and names of its own zone only (bind9). The weak side asks a server of the rig, never the world."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.daemon import daemon, run
from rig.site import Site

PROGRAMS = ("named", "ip")
_COMMON = """options {{
  directory "{room}"; pid-file none; session-keyfile none; managed-keys-directory "{room}";
  listen-on port 53 {{ {address}; }}; listen-on-v6 {{ none; }};
  dnssec-validation no; {more}
}};
controls {{ }};
"""
_ZONE = """zone "rig.example" {{ type primary; file "{room}/rig.example"; {more} }};
"""
_RECORDS = """$TTL 300
@ IN SOA ns.rig.example. admin.rig.example. 1 3600 900 604800 300
@ IN NS ns.rig.example.
ns.rig.example. IN A {address}
db.rig.example. IN A 192.0.2.5
"""
_ROOT = """$TTL 300
@ IN SOA ns.rig.example. admin.rig.example. 1 3600 900 604800 300
@ IN NS ns.rig.example.
* IN A 192.0.2.1
"""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Resolve every name for anyone, and hand out the zone."""
    upstream = f"127.82.{site.address.split('.', 2)[2]}"
    above, room = site.room("bind-root", "bind"), site.room("bind", "bind")
    root = _COMMON.format(room=above, address=upstream, more="recursion no; version none;")
    site.write(above / "named.conf", f'{root}zone "." {{ type primary; file "{above}/root"; }};\n')
    site.write(above / "root", _ROOT)
    more = f"recursion yes; allow-recursion {{ any; }}; forward only; forwarders {{ {upstream}; }};"
    text = _COMMON.format(room=room, address=site.address, more=more)
    site.write(room / "named.conf", text + _ZONE.format(room=room, more="allow-transfer { any; };"))
    site.write(room / "rig.example", _RECORDS.format(address=site.address))
    with _running(above, upstream), _running(room, site.address):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Answer for rig.example alone."""
    room = site.room("bind", "bind")
    more = "recursion no; allow-transfer { none; }; version none; hostname none; minimal-any yes;"
    text = _COMMON.format(room=room, address=site.address, more=more)
    site.write(room / "named.conf", text + _ZONE.format(room=room, more=""))
    site.write(room / "rig.example", _RECORDS.format(address=site.address))
    with _running(room, site.address):
        yield


@contextmanager
def _running(room, address: str) -> Iterator[None]:
    # named listens only on what an interface has; of the addresses of loopback, most are nowhere written down.
    run(("ip", "address", "add", f"{address}/32", "dev", "lo"))
    try:
        with _named(room, address):
            yield
    finally:
        run(("ip", "address", "delete", f"{address}/32", "dev", "lo"))


@contextmanager
def _named(room, address: str) -> Iterator[None]:
    argv = ("named", "-g", "-4", "-n", "1", "-u", "bind", "-c", str(room / "named.conf"))
    with daemon(argv, room / "log", tcp=[(address, 53)], udp=[(address, 53)]):
        yield
