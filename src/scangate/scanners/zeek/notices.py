"""Zeek's notices: what they are rated by us, because Zeek does not, and which of them are rules of our own."""

import re
from datetime import datetime
from typing import Any, Final

from scangate.core.model import Confidence, Severity
from scangate.core.text import clean
from scangate.scanners.network.rule import Rule
from scangate.scanners.nmap.rules.certificate import EARLY, EXPIRED, EXPIRES, WEAK_KEY
from scangate.scanners.nmap.rules.tls import OBSOLETE, WEAK
from scangate.scanners.passive.alerts import Alert, cves
from scangate.scanners.passive.watch import Watch, heading
from scangate.scanners.zeek.format import Row, unescaped

_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,60}(?:::[A-Za-z0-9_]{1,60}){0,3}", re.ASCII)
_RATED: Final = {
    "FTP::Bruteforcing": Severity.MEDIUM,
    "HTTP::SQL_Injection_Attacker": Severity.MEDIUM,
    "HTTP::SQL_Injection_Victim": Severity.HIGH,
    "Heartbleed::SSL_Heartbeat_Attack": Severity.HIGH,
    "Heartbleed::SSL_Heartbeat_Attack_Success": Severity.CRITICAL,
    "Intel::Notice": Severity.HIGH,
    "ProtocolDetector::Protocol_Found": Severity.LOW,
    "SSH::Interesting_Hostname_Login": Severity.LOW,
    "SSH::Login_By_Password_Guesser": Severity.HIGH,
    "SSH::Password_Guessing": Severity.MEDIUM,
    "SSH::Watched_Country_Login": Severity.LOW,
    "SSL::Invalid_Server_Cert": Severity.LOW,
    "Scan::Address_Scan": Severity.LOW,
    "Scan::Port_Scan": Severity.LOW,
    "Signatures::Sensitive_Signature": Severity.HIGH,
    "Software::Vulnerable_Version": Severity.HIGH,
    "TeamCymruMalwareHashRegistry::Match": Severity.HIGH,
    "Traceroute::Detected": Severity.INFO,
    "Weird::Activity": Severity.LOW,
}
_UNRATED: Final = Severity.MEDIUM
_SURE: Final = frozenset(
    {
        "Heartbleed::SSL_Heartbeat_Attack_Success",
        "SSH::Login_By_Password_Guesser",
        "TeamCymruMalwareHashRegistry::Match",
    }
)
"""What reports a success or a known bad thing; all others report an attempt, or something odd."""
_NAMED: Final = {
    "Heartbleed::SSL_Heartbeat_Attack": "CVE-2014-0160",
    "Heartbleed::SSL_Heartbeat_Attack_Success": "CVE-2014-0160",
}
_OURS: Final[dict[str, Rule]] = {
    "SSL::Certificate_Expired": EXPIRED,
    "SSL::Certificate_Expires_Soon": EXPIRES,
    "SSL::Certificate_Not_Valid_Yet": EARLY,
    "SSL::Old_Version": OBSOLETE,
    "SSL::Weak_Cipher": WEAK,
    "SSL::Weak_Key": WEAK_KEY,
}
_COMPLAINTS: Final = {
    "CaptureLoss::Too_Much_Loss": "Zeek says that it misses too many packets (CaptureLoss::Too_Much_Loss)",
    "CaptureLoss::Too_Little_Traffic": "Zeek says that it sees hardly any traffic (CaptureLoss::Too_Little_Traffic)",
    "PacketFilter::Dropped_Packets": "Zeek says that it dropped packets (PacketFilter::Dropped_Packets)",
}


def notice(watch: Watch, row: Row, when: datetime) -> None:
    """Take in one notice: about the host that was called, and about the one that called."""
    name = str(row.get("note", ""))
    if reason := _COMPLAINTS.get(name):
        watch.complaints.add(reason)
        return
    if not _NAME.fullmatch(name):
        watch.odd["a notice without a name"] += 1
        return
    called, caller = str(_either(row, "dst", "id.resp_h")), str(_either(row, "src", "id.orig_h"))
    port, protocol = _either(row, "p", "id.resp_p"), str(row.get("proto", "tcp")).lower()
    if rule := _OURS.get(name):
        place = watch.spot(called, port, protocol)
        if place:
            watch.hit(rule, place, when, f"was reported by Zeek: {clean(_said(row), 200).rstrip('.')}")
        return
    word, _address = watch.hosts.find(called)
    other, _address = watch.hosts.find(caller)
    if word:
        for identifier in _identifiers(name, row) or (f"zeek-{name}",):
            watch.alerts.add(_alert(identifier, name, heading(word, port, protocol), row, when, caller))
    if other:
        watch.alerts.add(_alert(f"zeek-{name}", name, other, row, when, called))
    if not word and not other:
        watch.hosts.stranger("notices")


def _alert(identifier: str, name: str, where: str, row: Row, when: datetime, other: str) -> Alert:
    severity = _RATED.get(name)
    said = clean(_said(row), 500)
    return Alert(
        rule=identifier,
        where=where,
        title=said or name,
        severity=_UNRATED if severity is None else severity,
        basis="scangate's rating of Zeek's notice",
        confidence=Confidence.FIRM if name in _SURE else Confidence.POTENTIAL,
        help_uri="https://docs.zeek.org/en/master/zeek-noticeindex.html",
        first=when,
        last=when,
        facts=tuple((key, value) for key, value in (("notice", name), ("message", said)) if value),
        others={clean(other, 60)} if other else set(),
    )


def _identifiers(name: str, row: Row) -> tuple[str, ...]:
    if name in _NAMED:
        return (_NAMED[name],)
    return cves(row.get("msg", ""), row.get("sub", ""))


def _said(row: Row) -> str:
    return unescaped(". ".join(str(row[key])[:500].rstrip(". ") for key in ("msg", "sub") if row.get(key)))


def _either(row: Row, first: str, second: str) -> Any:
    return row.get(first, row.get(second, ""))
