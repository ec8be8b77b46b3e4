"""MariaDB with a root for anyone, and MariaDB with TLS, auditing and encryption at rest (mariadb-server)."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon, run
from rig.site import PASSWORD, Site

PROGRAMS = ("mariadb-install-db", "mariadbd")
USER = "scangate"
_COMMON = """[mariadbd]
bind-address={address}
port=3306
datadir={room}/data
socket={room}/socket
tmpdir={room}
pid-file={room}/pid
skip-name-resolve
innodb-buffer-pool-size=8M
innodb-log-file-size=4M
innodb-flush-log-at-trx-commit=0
innodb-fast-shutdown=2
key-buffer-size=1M
performance-schema=OFF
init-file={room}/init.sql
"""
_WEAK = "local-infile=ON\nsecure-file-priv=\n"
_WEAK_SQL = f"""CREATE USER root@'%' IDENTIFIED BY '';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
CREATE USER ''@'%' IDENTIFIED BY '';
CREATE USER app@'%' IDENTIFIED BY '{PASSWORD}';
GRANT FILE, SUPER ON *.* TO app@'%';
CREATE USER deploy@'127.%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO deploy@'127.%' WITH GRANT OPTION;
"""
_HARDENED = """ssl-cert={certificate}
ssl-key={key}
ssl-ca={authority}
tls-version=TLSv1.2,TLSv1.3
ssl-cipher=ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384
require-secure-transport=ON
local-infile=OFF
secure-file-priv={room}/files
plugin-load-add=file_key_management
plugin-load-add=server_audit
plugin-load-add=auth_ed25519
loose-file-key-management-filename={room}/keys
loose-server-audit-logging=ON
loose-server-audit-events=CONNECT
loose-server-audit-file-path={room}/audit.log
innodb-encrypt-tables=FORCE
innodb-encrypt-log=ON
innodb-encrypt-temporary-tables=ON
encrypt-tmp-files=ON
encrypt-binlog=ON
"""
_HARDENED_SQL = f"""DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
FLUSH PRIVILEGES;
ALTER USER root@localhost IDENTIFIED VIA unix_socket;
CREATE USER app@'127.0.0.0/255.0.0.0' IDENTIFIED VIA ed25519 USING PASSWORD('{PASSWORD}') REQUIRE SSL;
CREATE DATABASE app;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO app@'127.0.0.0/255.0.0.0';
"""  # noqa: S608 - ours


def _reader(plugin: str) -> str:
    """What docs/scanners/databases.md has an administrator do."""
    account = "scangate@'127.0.0.0/255.0.0.0'"
    return (
        f"CREATE USER {account} IDENTIFIED VIA {plugin} USING PASSWORD('{PASSWORD}') "
        f"WITH MAX_USER_CONNECTIONS 2;\nGRANT SELECT ON mysql.* TO {account};\n"
    )


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Let anyone be root, and an application read the server's files."""
    with _running(site, _WEAK, _WEAK_SQL + _reader("mysql_native_password")):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Require TLS, log who comes, and encrypt what is stored."""
    with _running(site, _HARDENED, _HARDENED_SQL + _reader("ed25519")):
        yield


@contextmanager
def _running(site: Site, settings: str, statements: str) -> Iterator[None]:
    room: Path = site.room("mariadb")
    certificate, key = site.authority.issue(room, site.address)
    key.chmod(0o644)
    (room / "files").mkdir()
    site.write(room / "keys", f"1;{secrets.token_hex(32)}\n", "nobody", 0o600)
    authority = room / "authority.pem"
    authority.write_bytes(site.authority.certificate)
    values = {"certificate": certificate, "key": key, "authority": authority}
    config = site.write(room / "my.cnf", (_COMMON + settings).format(room=room, address=site.address, **values))
    site.write(room / "init.sql", statements)
    install = ("mariadb-install-db", "--no-defaults", f"--datadir={room}/data", "--user=nobody", "--skip-test-db")
    run((*install, "--auth-root-authentication-method=normal", "--innodb-log-file-size=4M"))
    argv = ("mariadbd", f"--defaults-file={config}")
    with daemon(argv, room / "log", tcp=[(site.address, 3306)], user="nobody"):
        yield
