"""The reports of nmap: what is open, what listens, and both put together."""

import time
from pathlib import Path

from harness import Target

from scangate.core.intake import admit
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.nmap.groups import Host, Openings, groups, merged
from scangate.scanners.nmap.read import Reader
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.seen import Seen, Started

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE nmaprun><nmaprun scanner="nmap" args="nmap --script ssl-cert" '
    'start="1795289891" version="7.93"><scaninfo type="syn" protocol="tcp" numservices="9" services="1-1024"/>'
)
_TAIL = '<runstats><finished time="1" exit="success"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>'
_CERTIFICATE = (
    '<table key="subject"><elem key="commonName">a</elem></table><table key="validity"><elem key="notAfter">2026-01-01T'
    '00:00:00</elem></table><table key="pubkey"><elem key="type">rsa</elem><elem key="bits">1024</elem></table>'
    '<elem key="pem">-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n</elem>'
)
_SUITES = (
    '<table key="TLSv1.0"><table key="ciphers"><table><elem key="name">TLS_RSA_WITH_RC4_128_MD5</elem>'
    '<elem key="strength">F</elem></table></table></table>'
)
_VULNERABLE = (
    '<table key="CVE-2014-3566"><elem key="title">t</elem><elem key="state">VULNERABLE</elem><table key="ids">'
    '<elem>CVE:CVE-2014-3566</elem></table><table key="refs"><elem>x</elem></table></table>'
)
_SCRIPTS = (
    ("ssl-cert", "Subject: a", _CERTIFICATE),
    ("ssl-enum-ciphers", "x", _SUITES),
    ("ssh-hostkey", "x", '<table><elem key="type">ssh-rsa</elem><elem key="key">AAAA</elem></table>'),
    ("ssl-poodle", "Risk factor: High", _VULNERABLE),
    ("http-auth", "x", '<table><elem key="scheme">Basic</elem></table>'),
    ("redis-info", "x", '<elem key="Version">7</elem>'),
)


def _host(*scripts: tuple[str, str, str], name: str = "http", state: str = "open") -> str:
    said = "".join(f'<script id="{each}" output="{output}">{inner}</script>' for each, output, inner in scripts)
    return (
        '<host starttime="1"><status state="up" reason="user-set"/><address addr="192.0.2.7" addrtype="ipv4"/><ports>'
        '<extraports state="closed" count="9"><extrareasons reason="reset" count="9"/></extraports>'
        f'<port protocol="tcp" portid="443"><state state="{state}" reason="syn-ack"/>'
        f'<service name="{name}" product="x" version="1" tunnel="ssl" method="probed" conf="10">'
        f"<cpe>cpe:/a:x:x:1</cpe></service>{said}</port>"
        '<port protocol="udp" portid="53"><state state="open|filtered" reason="no-response"/></port></ports></host>'
    )


_SEEDS = (
    *(f"{_HEAD}{_host(each)}{_TAIL}".encode() for each in _SCRIPTS),
    f"{_HEAD}{_host(*_SCRIPTS, name='ssh')}{_host(state='filtered')}".encode(),
)


def _read(data: bytes) -> None:
    """Read it as what discovery saw and as what the closer look saw, and give it to the model."""
    openings, hosts, later = Openings(), list[Host](), list[Seen]()
    started = Started()
    for event in parse(data):
        if isinstance(event, Started):
            started = event
        elif isinstance(event, Seen):
            later.append(event)
            if host := openings.of(event):
                hosts.append(host)
    reader = Reader(Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 60), "x", frozenset())
    for host in hosts:
        for seen in later:
            whole, _lost = merged(host, seen)
            for item in reader.of_host(whole, "", started):
                admit(item)
    for group in groups(None, hosts, 4):  # type: ignore[arg-type] # no batch is needed to count ports
        _ = group.ports


TARGETS = (Target(name="nmap-report", seeds=_SEEDS, run=_read, raises=(ScanError,)),)
