"""Real services on loopback, each in the state that a rule is about."""

import http.server
import shutil
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def has_ipv6() -> bool:
    with suppress(OSError):
        free_port("::1")
        return True
    return False


def redis_program() -> str | None:
    """redis-tools brings the server's executable under another name, without installing a service of the system."""
    return shutil.which("redis-server") or shutil.which("redis-check-rdb")


@contextmanager
def redis(folder: Path, port: int) -> Iterator[None]:
    program = redis_program()
    assert program is not None
    argv = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
    with subprocess.Popen(argv, executable=program, stdout=subprocess.DEVNULL) as server:
        try:
            _until_it_listens("127.0.0.1", port)
            yield
        finally:
            server.terminate()


@contextmanager
def anonymous_ftp(folder: Path, port: int) -> Iterator[None]:
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

    (folder / "readme.txt").write_text("hello")
    authorizer = DummyAuthorizer()
    authorizer.add_anonymous(str(folder))

    class Handler(FTPHandler):
        pass

    Handler.authorizer = authorizer
    Handler.log_prefix = ""
    server = ThreadedFTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.1, "handle_exit": False}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close_all()
        thread.join(10)


@contextmanager
def web(port: int, *, basic: bool = False, host: str = "127.0.0.1") -> Iterator[list[str]]:
    """A login page: a form, or HTTP Basic. Gives the Host headers it was asked with."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Host", ""))
            body = b'<html><title>Sign in</title><form><input name="u"><input type="password" name="p"></form></html>'
            self.send_response(401 if basic else 200)
            if basic:
                self.send_header("WWW-Authenticate", 'Basic realm="staff"')
                body = b""
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def handle_error(self, *args: object) -> None:
            """Probes that hang up are what it is here for."""

    with Server((host, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield asked
        finally:
            server.shutdown()


@contextmanager
def tls(
    folder: Path, port: int, *, bits: int = 1024, expired: bool = True, host: str = "127.0.0.1"
) -> Iterator[list[str]]:
    """TLS 1.0 and up with a self-signed certificate for another name. Gives the names that were asked for by SNI."""
    certificate = _certificate(folder, bits=bits, expired=expired)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(certificate)
    asked: list[str] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name) if name else None
    listener = socket.create_server((host, port), backlog=64)
    listener.settimeout(0.1)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError, ssl.SSLError):
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError, ssl.SSLError):
            connection.settimeout(5)
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(4096)
                secure.sendall(b"HTTP/1.0 200 OK\r\nServer: demo\r\nContent-Length: 2\r\n\r\nok")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        ended.set()
        thread.join(10)
        listener.close()


@contextmanager
def silent(port: int) -> Iterator[None]:
    """Accepts, and never says a word."""
    with socket.create_server(("127.0.0.1", port), backlog=64):
        yield


def _certificate(folder: Path, *, bits: int, expired: bool) -> Path:
    key = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other.example.net")])
    today = datetime.now(UTC)
    ends = today - timedelta(days=3) if expired else today + timedelta(days=300)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(today - timedelta(days=90))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("other.example.net")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"certificate-{bits}-{expired}.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return file


def _until_it_listens(host: str, port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {host}:{port}")
