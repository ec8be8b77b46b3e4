"""IMAP and POP3 (dovecot-imapd, dovecot-pop3d)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon
from rig.site import PASSWORD, Site

PROGRAMS = ("dovecot",)
_COMMON = """base_dir = {room}/run
state_dir = {room}/state
log_path = /dev/stderr
listen = {address}
protocols = imap pop3
mail_location = mbox:{room}/mail
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={room}/mail
}}
"""
_WEAK = "ssl = no\ndisable_plaintext_auth = no\nauth_mechanisms = plain login\n"
_HARDENED = """ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
ssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20
ssl_prefer_server_ciphers = no
auth_mechanisms = plain
login_greeting = ready
"""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Take passwords in clear text."""
    room = site.room("dovecot", "root")
    text = (_COMMON + _WEAK).format(room=room, address=site.address, password=PASSWORD)
    with _running(site, room, text, (110, 143)):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Require TLS for a login."""
    room = site.room("dovecot", "root")
    certificate, key = site.authority.issue(room, site.address)
    text = (_COMMON + _HARDENED).format(
        room=room, address=site.address, password=PASSWORD, certificate=certificate, key=key
    )
    with _running(site, room, text, (110, 143, 993, 995)):
        yield


@contextmanager
def _running(site: Site, room: Path, text: str, ports: tuple[int, ...]) -> Iterator[None]:
    config = site.write(room / "dovecot.conf", text)
    with daemon(("dovecot", "-F", "-c", str(config)), room / "log", tcp=[(site.address, port) for port in ports]):
        yield
