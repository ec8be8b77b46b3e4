"""The services of the demo, one a process: servers.py KIND ADDRESS PORT FOLDER PARENT; services.py starts them.

Half of them are weak on purpose. They listen on a loopback address only, and hold nothing but what is written here.
"""

import contextlib
import ctypes
import datetime as dt
import ipaddress
import os
import secrets
import signal
import socket
import ssl
import sys
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

PR_SET_PDEATHSIG = 1
NAME = "shop.example.com"

PAGE = b"""<!doctype html><title>Storefront</title><h1>Sign in</h1>
<form method="post" action="/login">
<input name="user"><input name="password" type="password"><button>Sign in</button>
</form>
"""


def anonymous_ftp(address: str, port: int, folder: Path) -> None:
    """An FTP server that lets anyone read the nightly exports, without a name or a password."""
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import FTPServer

    (folder / "orders-2023-08.csv").write_text("order,total\n1001,49.90\n")
    warnings.simplefilter("ignore")  # it warns of what this one is for
    authorizer = DummyAuthorizer()
    authorizer.add_anonymous(str(folder))
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer})
    FTPServer((address, port), handler).serve_forever()


def open_redis(address: str, port: int, folder: Path) -> None:
    """A cache that asks nobody for a password."""
    _redis(folder, "--bind", address, "--port", str(port), "--protected-mode", "no")


def private_redis(address: str, port: int, folder: Path) -> None:  # noqa: ARG001 - one signature for all
    """A cache on a socket file, with a password in a file only its owner reads."""
    settings = folder / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(f"requirepass {secrets.token_hex(16)}\n")
    _redis(folder, str(settings), "--port", "0", "--unixsocket", str(folder / "redis.sock"), "--unixsocketperm", "700")


def cleartext_login(address: str, port: int, folder: Path) -> None:  # noqa: ARG001
    """The shop's sign-in page over plain HTTP."""
    _Server((address, port), _Weak).serve_forever()


def expired_https(address: str, port: int, folder: Path) -> None:
    """The shop over TLS 1.0 and later, with a certificate of a short key that ended years ago."""
    warnings.simplefilter("ignore")  # Python warns of protocols this old
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ECDHE+AES:AES256-SHA:AES128-SHA:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(_certificate(folder, address, expired=True))
    _Server((address, port), _Weak, context).serve_forever()


def strong_https(address: str, port: int, folder: Path) -> None:
    """The shop over TLS 1.2 and 1.3, with a valid certificate of an authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.load_cert_chain(_certificate(folder, address, expired=False))
    _Server((address, port), _Strong, context).serve_forever()


SERVERS = {
    "anonymous-ftp": anonymous_ftp,
    "cleartext-login": cleartext_login,
    "expired-https": expired_https,
    "open-redis": open_redis,
    "private-redis": private_redis,
    "strong-https": strong_https,
}


def _redis(folder: Path, *options: str) -> None:
    from services import redis_server

    program = redis_server() or "redis-server"
    # Debian's redis-tools ships the server as redis-check-rdb: what it does depends on the name it is called by.
    os.execv(program, ["redis-server", *options, "--save", "", "--appendonly", "no", "--dir", str(folder)])  # noqa: S606


class _Weak(BaseHTTPRequestHandler):
    extra: ClassVar[dict[str, str]] = {"Set-Cookie": "session=guest"}

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": "text/html", "Content-Length": str(len(PAGE)), **self.extra}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(PAGE)

    do_HEAD = do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        pass


class _Strong(_Weak):
    extra: ClassVar[dict[str, str]] = {
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Set-Cookie": "session=guest; Secure; HttpOnly; SameSite=Lax",
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[_Weak], context: ssl.SSLContext | None = None) -> None:
        super().__init__(address, handler)
        if context:
            # The handshake waits for the connection's own thread, so that a silent client holds up nobody else.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_bind(self) -> None:
        # http.server would ask the name service who we are.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = NAME, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a port scanner breaks off most of its connections."""


def _certificate(folder: Path, address: str, *, expired: bool) -> Path:
    """Write a key and its certificate into one file. `expired`: self-signed, with 1,024 bits, and over since 2021."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    now = dt.datetime.now(dt.UTC)
    begin, end = now - dt.timedelta(days=1), now + dt.timedelta(days=90)
    key: Any = ec.generate_private_key(ec.SECP256R1())
    signer: Any = ec.generate_private_key(ec.SECP256R1())
    subject = issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    if expired:
        begin, end = (
            dt.datetime(2020, 3, 1, tzinfo=dt.UTC),
            dt.datetime(2021, 3, 1, tzinfo=dt.UTC),
        )
        key = signer = rsa.generate_private_key(65537, 1024)  # noqa: S505 - short on purpose
    else:
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Storefront Demo Authority")])
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address(address))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(signer, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.touch(mode=0o600)
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def main() -> None:
    kind, address, port, folder, parent = sys.argv[1:]
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):  # it died before we could ask to be told
        return
    SERVERS[kind](address, int(port), Path(folder))


if __name__ == "__main__":
    main()
