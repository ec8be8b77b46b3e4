"""Mail for anyone in clear text, and mail over STARTTLS for its own domain (postfix)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("postfix",)
_COMMON = """compatibility_level = 3.6
queue_directory = {room}/queue
data_directory = {room}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = rig.example
mydestination = rig.example
local_transport = discard:
local_recipient_maps =
default_transport = discard:
relay_transport = discard:
alias_maps =
alias_database =
maillog_file = /dev/stdout
multi_instance_name =
smtputf8_enable = no
"""
_WEAK = """mynetworks = 0.0.0.0/0
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_tls_security_level = none
"""
_HARDENED = """mynetworks = 127.255.255.254/32
smtpd_relay_restrictions = reject_unauth_destination
smtpd_helo_required = yes
disable_vrfy_command = yes
smtpd_banner = $myhostname ESMTP
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_ciphers = high
smtpd_tls_exclude_ciphers = aNULL, kRSA, DHE, SHA1, SHA256, SHA384, AESCCM, AESCCM8, CAMELLIA, ARIA, PSK
tls_preempt_cipherlist = no
"""
_MASTER = """{address}:25 inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
discard unix - - n - - discard
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Take mail from anyone to anyone, and throw it away."""
    room = site.room("postfix", "root")
    with _running(site, room, (_COMMON + _WEAK).format(room=room, address=site.address)):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Take mail for rig.example alone, over TLS where the sender can."""
    room = site.room("postfix", "root")
    certificate, key = site.authority.issue(room, site.address)
    text = (_COMMON + _HARDENED).format(room=room, address=site.address, certificate=certificate, key=key)
    with _running(site, room, text):
        yield


@contextmanager
def _running(site: Site, room: Path, text: str) -> Iterator[None]:
    site.write(room / "etc" / "main.cf", text)
    site.write(room / "etc" / "master.cf", _MASTER.format(address=site.address))
    (room / "queue").mkdir()
    (room / "data").mkdir()
    shutil.chown(room / "data", "postfix")
    argv = ("postfix", "-c", str(room / "etc"), "start-fg")
    with daemon(argv, room / "log", tcp=[(site.address, 25)]):
        yield
