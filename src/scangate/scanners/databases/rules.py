"""The rules for databases, the same ones for all of them: a server breaks each at most once."""

from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Rule

SUPERUSERS: Final = Rule(
    id="db-superusers", title="Accounts with all rights besides the one the server comes with",
    severity=Severity.MEDIUM, cwes=("CWE-250", "CWE-269"), why="each is a way to everything, and harder to account for",
    fix="take the rights of a superuser from accounts of the database on {port} of {host} that do not administer it",
    controls=("PCI DSS 4.0.1 7.2.2", "NIST SP 800-53r5 AC-6"),
)  # fmt: skip
RIGHTS: Final = Rule(
    id="db-account-too-many-rights", title="An account may reach beyond its data", severity=Severity.MEDIUM,
    cwes=("CWE-250", "CWE-269"), why="with these rights an account reads files, runs programs or becomes another one",
    fix="take these rights from the accounts of the database on {port} of {host}",
    controls=("PCI DSS 4.0.1 7.2.2", "NIST SP 800-53r5 AC-6"),
)  # fmt: skip
NO_PASSWORD: Final = Rule(
    id="db-account-no-password", title="Accounts without a password", severity=Severity.HIGH, worst=Severity.CRITICAL,
    cwes=("CWE-521", "CWE-306"), why="whoever may connect from an account's host is let in as it",
    fix="give every account of the database on {port} of {host} a password, or lock it",
    controls=("PCI DSS 4.0.1 8.3.1", "NIST SP 800-53r5 IA-5"),
)  # fmt: skip
ANONYMOUS: Final = Rule(
    id="db-account-anonymous", title="An account without a name", severity=Severity.HIGH, cwes=("CWE-287", "CWE-1392"),
    why="every name that no other account has is let in as it", fix="drop the account '' on {port} of {host}",
    controls=("PCI DSS 4.0.1 2.2.2", "PCI DSS 4.0.1 8.2.1"),
)  # fmt: skip
ANY_HOST: Final = Rule(
    id="db-account-any-host", title="Accounts that may come from anywhere", severity=Severity.MEDIUM,
    cwes=("CWE-284", "CWE-668"), why="a password that leaks is enough, from any address that reaches the port",
    fix="name the hosts that the accounts of the database on {port} of {host} come from",
    controls=("PCI DSS 4.0.1 1.4.4",),
)  # fmt: skip
WEAK_HASH: Final = Rule(
    id="db-password-hash-weak", title="Passwords are stored as fast hashes", severity=Severity.MEDIUM,
    cwes=("CWE-916", "CWE-328"), why="whoever gets a copy of MD5 or SHA-1 hashes has the passwords soon after",
    fix="store the passwords of the database on {port} of {host} by its current method, and set them anew",
    controls=("PCI DSS 4.0.1 8.3.2", "NIST SP 800-53r5 IA-5"),
)  # fmt: skip
TRUST: Final = Rule(
    id="db-hba-trust", title="pg_hba.conf lets connections in without a password", severity=Severity.HIGH,
    cwes=("CWE-306", "CWE-287"), why="whoever comes from such an address is any account they name, superusers too",
    fix="replace `trust` in pg_hba.conf of PostgreSQL on {port} of {host} by scram-sha-256",
    controls=("PCI DSS 4.0.1 8.3.1", "CIS PostgreSQL Benchmark: host authentication"),
)  # fmt: skip
WORLD: Final = Rule(
    id="db-hba-world", title="pg_hba.conf lets every address try", severity=Severity.MEDIUM,
    cwes=("CWE-284", "CWE-668"),
    why="a password that leaks is enough, from any address that reaches the port",
    fix="name the networks that clients come from in pg_hba.conf of PostgreSQL on {port} of {host}",
    controls=("PCI DSS 4.0.1 1.4.4", "CIS PostgreSQL Benchmark: host authentication"),
)  # fmt: skip
WEAK_METHOD: Final = Rule(
    id="db-hba-weak-method", title="pg_hba.conf has methods that prove little", severity=Severity.MEDIUM,
    cwes=("CWE-319", "CWE-290"),
    why="`password` without TLS sends it in clear text, and `ident` believes whatever the client's host says",
    fix="replace `password` and `ident` in pg_hba.conf of PostgreSQL on {port} of {host} by scram-sha-256",
    controls=("PCI DSS 4.0.1 8.3.2",),
)  # fmt: skip
PUBLIC_CREATE: Final = Rule(
    id="db-public-create", title="Everyone may create objects in the schema public", severity=Severity.MEDIUM,
    cwes=("CWE-732", "CWE-427"), why="one account leaves functions there that another calls unawares (CVE-2018-1058)",
    fix="revoke CREATE on schema public from PUBLIC in PostgreSQL on {port} of {host}",
    help="https://www.postgresql.org/docs/current/ddl-schemas.html",
)  # fmt: skip
TLS_OFF: Final = Rule(
    id="db-tls-off", title="The database offers no TLS", severity=Severity.MEDIUM, cwes=("CWE-319",),
    why="whoever can read the traffic reads the data, and can change it",
    fix="turn on TLS for the database on {port} of {host}",
    controls=("PCI DSS 4.0.1 4.2.1", "PCI DSS 4.0.1 2.2.7", "NIST SP 800-53r5 SC-8"),
)  # fmt: skip
TLS_OPTIONAL: Final = Rule(
    id="db-tls-not-required", title="The database offers TLS and does not require it", severity=Severity.LOW,
    cwes=("CWE-319", "CWE-757"), why="a client that does not insist, or is kept from it, sends all in clear text",
    fix="require TLS for the database on {port} of {host}",
    controls=("PCI DSS 4.0.1 4.2.1", "NIST SP 800-53r5 SC-8"),
)  # fmt: skip
TLS_OLD: Final = Rule(
    id="db-tls-obsolete", title="The database allows an obsolete version of TLS", severity=Severity.MEDIUM,
    cwes=("CWE-327",), why="TLS 1.0 and 1.1 are withdrawn (RFC 8996)",
    fix="allow TLS 1.2 and 1.3 only for the database on {port} of {host}",
    controls=("PCI DSS 4.0.1 4.2.1", "NIST SP 800-52r2"),
)  # fmt: skip
AT_REST: Final = Rule(
    id="db-not-encrypted-at-rest", title="The database does not encrypt what it stores", severity=Severity.LOW,
    cwes=("CWE-311",), why="unless the disk is encrypted, a copy of the files or a backup is a copy of the data",
    fix="turn on encryption at rest for the database on {port} of {host}, or waive this where its disk is encrypted",
    controls=("PCI DSS 4.0.1 3.5.1", "NIST SP 800-53r5 SC-28"),
)  # fmt: skip
UNLOGGED: Final = Rule(
    id="db-connections-not-logged", title="The database does not log who connects", severity=Severity.LOW,
    cwes=("CWE-778",), why="nobody can tell afterwards who was there, or who tried",
    fix="log the connections of the database on {port} of {host}",
    controls=("PCI DSS 4.0.1 10.2.1", "NIST SP 800-53r5 AU-2"),
)  # fmt: skip
BOUND_WIDE: Final = Rule(
    id="db-bind-world", title="The database listens on every address of its host", severity=Severity.LOW,
    cwes=("CWE-668", "CWE-1327"), why="a network added to the host later reaches it too",
    fix="name the addresses that the database on {port} of {host} listens on", controls=("PCI DSS 4.0.1 1.4.4",),
)  # fmt: skip
UNPROTECTED: Final = Rule(
    id="db-protected-mode-off", title="Redis has its protected mode turned off", severity=Severity.MEDIUM,
    cwes=("CWE-306", "CWE-1188"), why="it is what keeps a server without a password from answering other hosts",
    fix="set a password for Redis on {port} of {host}, and `protected-mode yes`",
    help="https://redis.io/docs/latest/operate/oss_and_stack/management/security/",
)  # fmt: skip
FILES: Final = Rule(
    id="db-file-access", title="SQL reaches files of the server or of its clients", severity=Severity.MEDIUM,
    cwes=("CWE-73", "CWE-552"), why="LOAD DATA and SELECT INTO OUTFILE read and write files that are not confined",
    fix="set secure_file_priv and turn off local_infile for the database on {port} of {host}",
    help="https://dev.mysql.com/doc/refman/8.4/en/load-data-local-security.html",
)  # fmt: skip
SCRIPTS: Final = Rule(
    id="db-server-scripts", title="MongoDB runs JavaScript for its clients", severity=Severity.LOW, cwes=("CWE-94",),
    why="$where and $function turn an injection into a query into code that runs on the server",
    fix="set security.javascriptEnabled to false for MongoDB on {port} of {host}",
)  # fmt: skip
ENDED: Final = Rule(
    id="db-end-of-life", title="The database is past its end of life", severity=Severity.HIGH, cwes=("CWE-1104",),
    why="flaws found since are not mended by its makers",
    fix="upgrade the database on {port} of {host} to a version that is maintained",
    controls=("PCI DSS 4.0.1 6.3.3", "NIST SP 800-53r5 SA-22"),
)  # fmt: skip
RULES: Final = (
    SUPERUSERS, RIGHTS, NO_PASSWORD, ANONYMOUS, ANY_HOST, WEAK_HASH, TRUST, WORLD, WEAK_METHOD, PUBLIC_CREATE, TLS_OFF,
    TLS_OPTIONAL, TLS_OLD, AT_REST, UNLOGGED, BOUND_WIDE, UNPROTECTED, FILES, SCRIPTS, ENDED,
)  # fmt: skip

_SHOWN: Final = 8


def some(names: list[str]) -> str:
    """Name the first few of many, each shortened; strangers chose them."""
    shown = ", ".join(name[:64] for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
