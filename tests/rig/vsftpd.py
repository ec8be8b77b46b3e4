"""FTP for anyone, and FTP over TLS for somebody (vsftpd)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("vsftpd",)
_COMMON = """listen=YES
listen_address={address}
background=NO
seccomp_sandbox=NO
nopriv_user=nobody
secure_chroot_dir={room}/empty
xferlog_enable=NO
vsftpd_log_file={room}/vsftpd.log
use_localtime=NO
"""
_WEAK = """anonymous_enable=YES
local_enable=NO
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
no_anon_password=YES
anon_root={room}/served
"""
_HARDENED = """anonymous_enable=NO
local_enable=YES
ssl_enable=YES
implicit_ssl=NO
force_local_logins_ssl=YES
force_local_data_ssl=YES
ssl_sslv2=NO
ssl_sslv3=NO
ssl_ciphers=ECDHE+AESGCM:ECDHE+CHACHA20
rsa_cert_file={certificate}
rsa_private_key_file={key}
ftpd_banner=ready
"""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Let anyone read, and leave files in /incoming."""
    room = site.room("vsftpd", "root")
    site.write(room / "served" / "readme.txt", "a file\n")
    incoming = room / "served" / "incoming"
    incoming.mkdir()
    incoming.chmod(0o777)
    with _running(site, room, (_COMMON + _WEAK).format(room=room, address=site.address)):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Ask for TLS before a name."""
    room = site.room("vsftpd", "root")
    certificate, key = site.authority.issue(room, site.address)
    text = (_COMMON + _HARDENED).format(room=room, address=site.address, certificate=certificate, key=key)
    with _running(site, room, text):
        yield


@contextmanager
def _running(site: Site, room: Path, text: str) -> Iterator[None]:
    (room / "empty").mkdir()
    config = site.write(room / "vsftpd.conf", text)
    with daemon(("vsftpd", str(config)), room / "log", tcp=[(site.address, 21)]):
        yield
