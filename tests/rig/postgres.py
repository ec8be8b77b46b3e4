"""PostgreSQL that trusts the network, and PostgreSQL over TLS with SCRAM (postgresql-15)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon, find, run
from rig.site import PASSWORD, Site

PROGRAMS = ("initdb", "postgres")
USER = "scangate"
_COMMON = """listen_addresses = '{address}'
port = 5432
unix_socket_directories = ''
max_connections = 20
shared_buffers = 16MB
fsync = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
"""
_WEAK_HBA = "host all all 127.0.0.0/8 trust\nhost all all 0.0.0.0/0 md5\n"
_WEAK_SQL = f"""SET password_encryption = 'md5';
CREATE ROLE deploy SUPERUSER LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE nopass LOGIN;
CREATE ROLE app LOGIN PASSWORD '{PASSWORD}';
GRANT pg_execute_server_program TO app;
GRANT CREATE ON SCHEMA public TO PUBLIC;
"""
_HARDENED = """ssl = on
ssl_cert_file = '{certificate}'
ssl_key_file = '{key}'
ssl_ciphers = 'ECDHE+AESGCM:ECDHE+CHACHA20'
ssl_prefer_server_ciphers = off
password_encryption = 'scram-sha-256'
log_connections = on
log_disconnections = on
"""
_HARDENED_HBA = "hostssl all scangate 127.0.0.0/8 scram-sha-256\nhostssl app app 127.0.0.0/8 scram-sha-256\n"
_HARDENED_SQL = f"""SET password_encryption = 'scram-sha-256';
ALTER ROLE postgres PASSWORD '{PASSWORD}';
CREATE ROLE app LOGIN PASSWORD '{PASSWORD}';
"""
READER = f"""CREATE ROLE scangate LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 2;
GRANT pg_read_all_settings TO scangate;
GRANT SELECT ON pg_hba_file_rules TO scangate;
GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO scangate;
GRANT SELECT (rolname, rolcanlogin, rolpassword) ON pg_authid TO scangate;
"""
"""What docs/scanners/databases.md has an administrator do."""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Let anyone on the network be `postgres`."""
    with _running(site, "ssl = off\nlog_connections = off\n", _WEAK_HBA, _WEAK_SQL):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Require TLS and a password of two roles; the superuser cannot come over the network."""
    with _running(site, _HARDENED, _HARDENED_HBA, _HARDENED_SQL):
        yield


@contextmanager
def _running(site: Site, settings: str, hba: str, statements: str) -> Iterator[None]:
    room: Path = site.room("postgres", "postgres")
    data = room / "data"
    initdb = ("initdb", "-D", str(data), "-A", "trust", "-N", "--locale=C.UTF-8", "-E", "UTF8", "-U", "postgres")
    run((*initdb, "-L", _share()), user="postgres")
    certificate, key = site.authority.issue(room, site.address)
    run(("chown", "postgres", str(key)))
    key.chmod(0o600)
    text = (_COMMON + settings).format(address=site.address, certificate=certificate, key=key)
    site.write(data / "postgresql.conf", text, "postgres")
    site.write(data / "pg_hba.conf", hba, "postgres")
    # One statement a line, before anyone can connect.
    run(
        ("postgres", "--single", "-D", str(data), "postgres"),
        user="postgres",
        text=statements + READER,
    )
    argv = ("postgres", "-D", str(data))
    with daemon(argv, room / "log", tcp=[(site.address, 5432)], user="postgres"):
        yield


def _share() -> str:
    """The folder of templates; it is named for the version."""
    version = Path(find("initdb") or "").resolve().parent.parent.name
    return f"/usr/share/postgresql/{version}"
