"""Protocols that begin in the clear and change to TLS when asked: each is one file, with one `begin`."""

from typing import Final

from scangate.scanners.tls.starttls import ftp, imap, ldap, mail, mysql, pop3, postgres, xmpp
from scangate.scanners.tls.starttls.protocol import NotOfferedError, Protocol

__all__ = ["ALL", "BY_NAME", "BY_PORT", "NotOfferedError", "Protocol"]

ALL: Final = (
    mail.SMTP, imap.IMAP, pop3.POP3, ftp.FTP, ldap.LDAP, postgres.POSTGRES, mysql.MYSQL, xmpp.CLIENT, xmpp.SERVER,
)  # fmt: skip
BY_NAME: Final = {name: each for each in ALL for name in each.names}
"""By nmap's word for the service."""
BY_PORT: Final = {port: each for each in ALL for port in each.ports}
"""For ports whose service nobody knows."""
