"""What sensors write, and what services say they are: all of it comes from whoever sends packets."""

import json
import tempfile
import time
from datetime import date
from pathlib import Path

from harness import Target

from scangate.core.intake import admit
from scangate.core.model import Finding, Item, Kind, Service
from scangate.core.model import Target as Hosts
from scangate.scanners import Context, Scanner
from scangate.scanners.passive.banners import read_banner
from scangate.scanners.suricata import Suricata
from scangate.scanners.versions.distribution import packaged
from scangate.scanners.versions.products import recognised
from scangate.scanners.zeek import Zeek

TODAY = date(2026, 11, 21)
HOSTS = Hosts(id="edge", kind=Kind.HOSTS, addresses=("10.0.0.5", "10.1.0.0/24"))


def _scan(scanner: Scanner, name: str, data: bytes, **options: str) -> None:
    with tempfile.TemporaryDirectory(prefix="scangate-fuzz-") as folder:
        root = Path(folder)
        (root / name).write_bytes(data)
        ctx = Context(root=root, home=root, deadline=time.monotonic() + 60, options=options, today=TODAY)
        for item in scanner.scan(HOSTS, ctx):
            _check(admit(item))


def _check(item: Item) -> None:
    if isinstance(item, Finding):
        assert "/" not in item.rule
        assert item.subject.startswith(("10.0.0.5", "10.1.0."))
    if isinstance(item, Service):
        assert item.host.startswith(("10.0.0.5", "10.1.0."))
        assert 0 < item.port < 65_536


def zeek(data: bytes) -> None:
    """All kinds of logs in one file: a header says which."""
    _scan(Zeek(), "conn.log", data, logs=".")


def suricata(data: bytes) -> None:
    """Whatever the events are, only the target's hosts come out."""
    _scan(Suricata(), "eve.json", data, eve="eve.json")


def banners(data: bytes) -> None:
    """A line is product, version, extra and CPE."""
    product, version, extra, cpe, *_more = (*data.decode(errors="replace").split("|"), "", "", "", "")
    read_banner(version)
    found = [packaged(product, version), *recognised(product, version, extra, (cpe,))]
    assert all(each is None or (each.version and each.name and len(each.version) < 250) for each in found)


_TS = "1795255200.000000"
_ENDS = {"id.orig_h": "192.0.2.7", "id.orig_p": 51234, "id.resp_h": "10.0.0.5", "id.resp_p": 443}
_CONN = {"proto": "tcp", "conn_state": "SF", "service": ["ssl", "http"], "resp_bytes": 5}


def _tsv(path: str, **row: object) -> bytes:
    names, values = "\t".join(row), "\t".join(map(str, row.values()))
    head = f"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{path}\n"
    return f"{head}#fields\tts\t{names}\n{_TS}\t{values}\n#close\t2026\n".encode()


def _event(kind: str, **more: object) -> bytes:
    ends = {"src_ip": "192.0.2.7", "src_port": 51234, "dest_ip": "10.0.0.5", "dest_port": 443, "proto": "TCP"}
    return (
        json.dumps({"timestamp": "2026-11-21T10:00:00.123456+0000", "event_type": kind} | ends | more).encode() + b"\n"
    )


_ALERT = {
    "gid": 1, "signature_id": 2034647, "rev": 2, "signature": "x CVE-2021-44228", "severity": 1, "action": "allowed",
    "category": "Successful Administrator Privilege Gain",
    "metadata": {"cve": ["CVE_2021_44228"], "signature_severity": ["Major"], "mitre_technique_id": ["T1190"]},
}  # fmt: skip

TARGETS = (
    Target(
        "zeek-logs",
        (
            _tsv("conn", **_ENDS, proto="tcp", conn_state="SF", service="ssl,http", resp_bytes=5)
            + _tsv("ssl", **_ENDS, version="TLSv10", established="T", cert_chain_fps="ab" * 32, cipher="A_RC4_B")
            + _tsv("x509", fingerprint="ab" * 32, **{"certificate.not_valid_after": "1790000000.0"}),
            _tsv("notice", **_ENDS, note="SSH::Password_Guessing", msg="a \\x1b", src="10.0.0.5", dst="10.1.0.9", p=22)
            + _tsv("notice", note="SSL::Certificate_Expired", msg="a", dst="10.1.0.9", p=22, proto="tcp"),
            _tsv("ssh", **_ENDS, server="SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3")
            + _tsv("software", host="10.0.0.5", host_p=80, software_type="HTTP::SERVER", unparsed_version="nginx/1.2"),
            _tsv("weird", **_ENDS, name="odd") + _tsv("capture_loss", percent_lost="12.5"),
            json.dumps({"ts": 1795255200.5} | _ENDS | _CONN).encode() + b"\n",
            json.dumps({"ts": "2026-11-21T10:00:00Z"} | _ENDS | _CONN).encode() + b"\n{",
        ),
        zeek,
    ),
    Target(
        "suricata-events",
        (
            _event("alert", alert=_ALERT, direction="to_server", flow={"src_ip": "192.0.2.7", "dest_ip": "10.0.0.5"}),
            _event(
                "flow", flow={"pkts_toclient": 5}, tcp={"syn": True, "ack": True, "state": "closed"}, app_proto="http"
            ),
            _event("tls", tls={"version": "TLS 1.0", "notafter": "2026-11-01T00:00:00"})
            + _event("ssh", ssh={"server": {"software_version": "OpenSSH_9.2p1"}}),
            _event("http", http={"response_headers": [{"name": "Server", "value": "nginx/1.22.1"}]})
            + _event("stats", stats={"capture": {"kernel_packets": 100, "kernel_drops": 50}})
            + b'{"event_type": "ale',
        ),
        suricata,
    ),
    Target(
        "service-banners",
        (
            b"OpenSSH|9.2p1 Debian 2+deb12u3|protocol 2.0|cpe:/a:openbsd:openssh:9.2p1",
            b"MySQL|5.5.5-10.11.6-MariaDB-0+deb12u1||cpe:/a:mariadb:mariadb:5.5.5",
            b"Apache httpd|2.4.6|(CentOS) OpenSSL/1.0.2k-fips PHP/5.4.16|cpe:/a:apache:http_server:2.4.6",
            b"ISC BIND|9.11.4-P2-RedHat-9.11.4-26.P2.el7_9.13||",
            b"|SSH-2.0-dropbear_2022.83||cpe:2.3:a:redis:redis:7.0.15:*:*:*:*:*:*:*",
        ),
        banners,
    ),
)
