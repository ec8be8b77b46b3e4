"""OpenSSH with every old algorithm it still knows, and with few (openssh-server)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon, run
from rig.site import Site

PROGRAMS = ("sshd", "ssh-keygen")
_WEAK = """
HostKey {room}/rsa
HostKey {room}/dsa
RequiredRSASize 1024
HostKeyAlgorithms +ssh-rsa,ssh-dss
Ciphers +3des-cbc,aes128-cbc,aes256-cbc
MACs +hmac-md5,hmac-sha1-96
KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PermitRootLogin yes
"""
_HARDENED = """
HostKey {room}/ed25519
HostKeyAlgorithms ssh-ed25519
Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
DebianBanner no
"""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Offer what OpenSSH 9.2 can still be talked into."""
    room = site.room("sshd", "root")
    _key(room, "rsa", "1024")
    _key(room, "dsa", "1024")
    with _running(site, room, _WEAK):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Offer what ssh-audit has nothing to say about."""
    room = site.room("sshd", "root")
    _key(room, "ed25519", "256")
    with _running(site, room, _HARDENED):
        yield


def _key(room: Path, kind: str, bits: str) -> None:
    run(("ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-f", str(room / kind)))


@contextmanager
def _running(site: Site, room: Path, text: str) -> Iterator[None]:
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where the package's own unit would have made it
    common = f"ListenAddress {site.address}:22\nPidFile none\nUsePAM no\nLogLevel ERROR\nMaxStartups 100\n"
    config = site.write(room / "sshd_config", common + text.format(room=room))
    with daemon(("sshd", "-D", "-e", "-f", str(config)), room / "log", tcp=[(site.address, 22)]):
        yield
