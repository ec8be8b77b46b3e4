"""One file opens sockets to targets, and one asks the resolver: that is what makes the scope hold."""

import ast
from pathlib import Path

import scangate

SOURCE = Path(scangate.__file__).parent
SCANNERS = SOURCE / "scanners"
MAY = {"network/connection.py", "network/names.py"}
ALREADY_CONNECTED = "socket"
"""A type that others may name: what `connect` gives them."""
WAYS_OUT = {
    "create_connection", "connect", "connect_ex", "sendto", "getaddrinfo", "gethostbyname", "gethostbyname_ex",
    "gethostbyaddr", "getnameinfo", "open_connection", "get_server_certificate", "create_server", "fromfd",
}  # fmt: skip
NETWORK_LIBRARIES = {
    "http.client", "urllib.request", "urllib3", "requests", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib",
    "nntplib", "xmlrpc.client", "asyncio", "socketserver", "paramiko", "redis", "pymongo", "psycopg", "psycopg2",
    "pymysql", "ldap3", "dns", "sslyze",
}  # fmt: skip


def sources():
    for path in sorted(SCANNERS.rglob("*.py")):
        yield path.relative_to(SCANNERS).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_only_these_files_make_sockets_or_ask_the_resolver():
    for name, tree in sources():
        if name in MAY:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                assert of != "socket", f"{name}:{node.lineno} calls socket.{node.func.attr}"
                found = node.func.attr if of not in ("", "connection") else ""
                assert found not in WAYS_OUT - {"connect"}, f"{name}:{node.lineno} calls {of}.{found}"
            if isinstance(node, ast.ImportFrom) and node.module == "socket":
                assert {each.name for each in node.names} <= {ALREADY_CONNECTED}, name


def test_no_scanner_brings_a_network_library_of_its_own():
    for name, tree in sources():
        modules = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
        modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        taken = {each for each in modules for library in NETWORK_LIBRARIES if f"{each}.".startswith(f"{library}.")}
        # Canaries listen on loopback, and connect to nothing.
        assert not taken or (name == "canary.py" and taken == {"socketserver"}), f"{name} imports {taken}"
