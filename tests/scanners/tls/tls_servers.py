"""Servers that the tests start on a loopback address of their own: real TLS by OpenSSL, and scripts that pretend."""

import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = f"127.46.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"


@dataclass(frozen=True)
class Signed:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def write(self, folder: Path, *chain: "Signed") -> Path:
        """One file with the key, this certificate, and those that are sent with it."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = folder / f"{self.certificate.serial_number}.pem"
        file.write_bytes(private + self.pem + b"".join(each.pem for each in chain))
        return file


def signed(
    name: str,
    by: Signed | None = None,
    *,
    authority: bool = False,
    names=(),
    addresses=(),
    begins: float = -1,
    ends: float = 90,
    usage=None,
    extensions=(),
    subject: x509.Name | None = None,
) -> Signed:
    """Issue a certificate; without `by` it signs itself. `begins` and `ends` are days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(by.certificate.subject if by else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    alternatives = [x509.DNSName(each) for each in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    for each in extensions:
        builder = builder.add_extension(each, critical=False)
    return Signed(builder.sign(by.key if by else key, hashes.SHA256()), key)


CLIENTS_ONLY = ExtendedKeyUsageOID.CLIENT_AUTH


@contextmanager
def scripted(serve: Callable[[socket.socket], object], host: str = HOST) -> Iterator[int]:
    """Run `serve` on each connection, in a thread of its own; gives the port."""
    listener = socket.create_server((host, 0), backlog=64)

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError, ssl.SSLError):
            connection.settimeout(20)
            serve(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def context(file: Path, **options) -> ssl.SSLContext:
    """What `secure` needs, for any version that this OpenSSL still speaks."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    for name, value in options.items():
        setattr(made, name, value)
    return made


def secure(made: ssl.SSLContext, before: Callable[[socket.socket], object] = lambda _connection: None):
    """Speak TLS on a connection, `before` in the clear first."""

    def serve(connection: socket.socket) -> None:
        before(connection)
        with made.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)

    return serve


_WEAK_OPENSSL = """
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = TLSv1
CipherString = ALL:eNULL@SECLEVEL=0
"""


@contextmanager
def openssl(folder: Path, *options: str) -> Iterator[int]:
    """`openssl s_server`, talked into all it still knows. Its certificate is an argument."""
    program = shutil.which("openssl")
    assert program
    (folder / "openssl.cnf").write_text(_WEAK_OPENSSL)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    argv = [program, "s_server", "-accept", f"{HOST}:{port}", "-quiet", "-www", *options]
    environ = os.environ | {"OPENSSL_CONF": str(folder / "openssl.cnf")}
    with subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait(port)
            yield port
        finally:
            running.kill()


def _wait(port: int) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on {port}")
