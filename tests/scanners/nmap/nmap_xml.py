"""Builds reports as nmap 7.93 writes them, and reads them back through the scanner."""

import time
from pathlib import Path
from xml.sax.saxutils import quoteattr

from scangate.core.model import Finding, Service
from scangate.scanners import Context
from scangate.scanners.network.address import parse_expect
from scangate.scanners.nmap.read import Reader
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.seen import Seen, Started

SCANNED = 1_795_289_891
"""2026-11-21, in the evening."""


def script(name: str, output: str, inner: str = "") -> str:
    return f"<script id={quoteattr(name)} output={quoteattr(output)}>{inner}</script>"


def elem(key: str, value: str) -> str:
    return f"<elem key={quoteattr(key)}>{value}</elem>" if key else f"<elem>{value}</elem>"


def table(key: str, *inner: str) -> str:
    return f"<table key={quoteattr(key)}>{''.join(inner)}</table>" if key else f"<table>{''.join(inner)}</table>"


def port(
    number: int, name: str = "", *scripts: str, protocol="tcp", state="open", method="probed", cpes=(), **service: str
) -> str:
    reason = {"open": "syn-ack", "closed": "reset"}.get(state, "no-response")
    known = "".join(f" {key}={quoteattr(value)}" for key, value in service.items())
    conf = 10 if method == "probed" else 3
    inner = "".join(f"<cpe>{cpe}</cpe>" for cpe in cpes)
    described = (
        f'<service name={quoteattr(name)}{known} method="{method}" conf="{conf}">{inner}</service>' if name else ""
    )
    return (
        f'<port protocol="{protocol}" portid="{number}"><state state="{state}" reason="{reason}" reason_ttl="64"/>'
        f"{described}{''.join(scripts)}</port>"
    )


def host(*ports: str, address="192.0.2.7", reason="user-set", extra="", attributes="", kind="ipv4", state="up") -> str:
    listed = f"<ports>{extra}{''.join(ports)}</ports>" if ports or extra else ""
    return (
        f'<host starttime="{SCANNED}" endtime="{SCANNED + 9}"{attributes}><status state="{state}" reason="{reason}"/>'
        f'<address addr="{address}" addrtype="{kind}"/><hostnames></hostnames>{listed}</host>'
    )


def head(args="nmap --script ssl-cert -sV", services="1-1024", protocol="tcp") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n'
        f'<nmaprun scanner="nmap" args={quoteattr(args)} start="{SCANNED}" version="7.93" xmloutputversion="1.05">'
        f'<scaninfo type="syn" protocol="{protocol}" numservices="9" services="{services}"/>'
    )


def tail(up=1, total=1, end="success", message="") -> str:
    said = f" errormsg={quoteattr(message)}" if message else ""
    return (
        f'<runstats><finished time="{SCANNED + 10}" timestr="" summary="" elapsed="10.00" exit="{end}"{said}/>'
        f'<hosts up="{up}" down="{total - up}" total="{total}"/></runstats></nmaprun>'
    )


def report(*hosts: str, **head_attributes: str) -> bytes:
    return (head(**head_attributes) + "".join(hosts) + tail(len(hosts), len(hosts))).encode()


def items(document: bytes, name: str = "", expect: tuple[str, ...] = ()) -> list[Service | Finding]:
    ctx = Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 60)
    reader = Reader(ctx, "edge", frozenset(map(parse_expect, expect)))
    started = Started()
    found: list[Service | Finding] = []
    for event in parse(document):
        if isinstance(event, Started):
            started = event
        elif isinstance(event, Seen):
            found += reader.of_host(event, name, started)
    return found


def findings(document: bytes, name: str = "", expect: tuple[str, ...] = ()) -> list[Finding]:
    return [item for item in items(document, name, expect) if isinstance(item, Finding)]


def broken(one_port: str, name: str = "", **head_attributes: str) -> dict[str, Finding]:
    """What an expected port breaks, by rule."""
    found = findings(report(host(one_port), **head_attributes), name)
    return {finding.rule: finding for finding in found if finding.rule != "net-unexpected-port"}
