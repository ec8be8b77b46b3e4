"""Every protocol that `access` speaks, one file each. A new one is a file here and its name in PROBES."""

from typing import Final

from scangate.scanners.access.default_credentials import ACCOUNTS
from scangate.scanners.access.probe import Probe
from scangate.scanners.access.products import APIS
from scangate.scanners.access.protocols import (
    cassandra,
    dns,
    ftp,
    ldap,
    mailbox,
    memcached,
    mongodb,
    mqtt,
    mysql,
    postgresql,
    proxy,
    rdp,
    redis,
    rsync,
    smb,
    smtp,
    snmp,
    telnet,
    tftp,
    vnc,
    x11,
    zookeeper,
)

PROBES: Final[tuple[Probe, ...]] = (
    redis.PROBE,
    memcached.PROBE,
    memcached.PROBE_UDP,
    mongodb.PROBE,
    cassandra.PROBE,
    mysql.PROBE,
    postgresql.PROBE,
    zookeeper.PROBE,
    ftp.PROBE,
    tftp.PROBE,
    rsync.PROBE,
    smb.PROBE,
    telnet.PROBE,
    x11.PROBE,
    vnc.PROBE,
    rdp.PROBE,
    ldap.PROBE,
    snmp.PROBE,
    smtp.PROBE,
    mailbox.IMAP,
    mailbox.POP3,
    mqtt.PROBE,
    dns.PROBE_UDP,
    dns.PROBE_TCP,
    proxy.PROBE,
    proxy.PROBE_SOCKS,
    *(api.probe() for api in APIS),
)
DEFAULTS: Final[tuple[Probe, ...]] = tuple(account.probe() for account in ACCOUNTS)
"""Only where the option says so."""
