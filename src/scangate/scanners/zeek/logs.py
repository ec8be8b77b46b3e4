"""What each kind of log says: to add one, a function and a line in LOGS."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scangate.core.text import clean
from scangate.scanners.nmap.rules.certificate import EXPIRED, EXPIRES
from scangate.scanners.nmap.rules.tls import OBSOLETE, WEAK
from scangate.scanners.passive.banners import read_banner
from scangate.scanners.passive.inventory import tls_version
from scangate.scanners.passive.moments import moment
from scangate.scanners.passive.watch import Watch
from scangate.scanners.zeek.format import Row, Rows, unescaped
from scangate.scanners.zeek.notices import notice

# A handshake, at least: S0 is a SYN without an answer, REJ a port that is closed, OTH a piece in the middle.
_ANSWERED: Final = frozenset({"SF", "S1", "S2", "S3", "RSTO", "RSTR"})
_TRUE: Final = frozenset({"T", "True"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_OLD: Final = frozenset({"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"})
_WEAK: Final = re.compile(r"_(?:NULL|EXPORT\w*|RC4|RC2|DES|3DES|anon)(?:_|$)")
_SOON: Final = timedelta(days=30)


@dataclass(slots=True, kw_only=True)
class Reader:
    """What reading a row needs."""

    watch: Watch
    rows: Rows
    _shown: dict[str, list[tuple[str, str, int, str]]] | None = None

    def showing(self, certificate: str) -> Sequence[tuple[str, str, int, str]]:
        """The places that show a certificate, once all of ssl.log was read."""
        if self._shown is None:
            self._shown = defaultdict(list)
            for place, sighting in self.watch.inventory.seen.items():
                self._shown[sighting.certificate].append((sighting.host, *place))
        return self._shown.get(certificate, ())


def _connection(reader: Reader, row: Row, when: datetime) -> None:
    watch = reader.watch
    caller = watch.hosts.find(_text(row, "id.orig_h"))
    word, address = watch.hosts.find(_text(row, "id.resp_h"))
    if not word:
        if not caller[0]:
            watch.hosts.stranger("connections")
        return
    protocol = _text(row, "proto")
    said_something = _number(row.get("resp_bytes")) > 0 or _number(row.get("resp_pkts")) > 0
    is_open = row.get("conn_state") in _ANSWERED and (protocol != "udp" or said_something)
    sighting = watch.inventory.at(word, address, row.get("id.resp_p"), protocol) if is_open else None
    if sighting:
        sighting.learn(when, name=_service(reader.rows.several(row.get("service"))))


def _known_service(reader: Reader, row: Row, when: datetime) -> None:
    word, address = reader.watch.hosts.find(_text(row, "host"))
    if not word:
        reader.watch.hosts.stranger("known services")
        return
    if sighting := reader.watch.inventory.at(word, address, row.get("port_num"), row.get("port_proto")):
        sighting.learn(when, name=_service(reader.rows.several(row.get("service"))))


def _known_host(reader: Reader, row: Row, _when: datetime) -> None:
    if not reader.watch.hosts.find(_text(row, "host"))[0]:
        reader.watch.hosts.stranger("known hosts")


def _tls(reader: Reader, row: Row, when: datetime) -> None:
    if str(row.get("established", "T")) not in _TRUE:
        return
    watch, place = reader.watch, reader.watch.spot(row.get("id.resp_h"), row.get("id.resp_p"), "tcp")
    if not place:
        return
    sighting = watch.inventory.seen[place[1:]]
    if version := tls_version(row.get("version", "")):
        sighting.versions.add(version)
    shown = reader.rows.several(row.get("cert_chain_fps"))[:1]
    if shown and _SHA256.fullmatch(shown[0]):
        sighting.learn(when, certificate=shown[0])
    cipher = clean(_text(row, "cipher"), 80)
    if version in _OLD:
        watch.hit(OBSOLETE, place, when, f"was seen to speak {version} with a client")
    if _WEAK.search(cipher):
        watch.hit(WEAK, place, when, f"was seen to use {cipher} with a client")


def _certificate(reader: Reader, row: Row, when: datetime) -> None:
    """Whoever showed it is known from ssl.log, which was read before."""
    watch, fingerprint = reader.watch, _text(row, "fingerprint")
    until = moment(row.get("certificate.not_valid_after"))
    if not until or not _SHA256.fullmatch(fingerprint):
        return
    today = watch.period.today
    for place in reader.showing(fingerprint):
        if until.date() < today:
            watch.hit(EXPIRED, place, when, f"was seen to show a certificate that ended on {until:%Y-%m-%d}")
        elif until.date() <= today + _SOON:
            watch.hit(EXPIRES, place, when, f"was seen to show a certificate that ends on {until:%Y-%m-%d}")


def _ssh(reader: Reader, row: Row, when: datetime) -> None:
    if place := reader.watch.spot(row.get("id.resp_h"), row.get("id.resp_p"), "tcp"):
        product, version = read_banner(unescaped(_text(row, "server")))
        reader.watch.inventory.seen[place[1:]].learn(when, name="ssh", product=product, version=version)


def _software(reader: Reader, row: Row, when: datetime) -> None:
    """Only of servers, and only with a port: a client's version is no weakness of what listens."""
    watch = reader.watch
    word, address = watch.hosts.find(_text(row, "host"))
    if not word or "SERVER" not in _text(row, "software_type").upper():
        return
    product, version = read_banner(unescaped(_text(row, "unparsed_version")))
    if not version:
        numbers = [_text(row, f"version.{part}") for part in ("major", "minor", "minor2", "minor3")]
        product, version = unescaped(_text(row, "name")), ".".join(filter(None, numbers))
    if sighting := watch.inventory.at(word, address, row.get("host_p"), "tcp"):
        sighting.learn(when, product=product, version=version)


def _notice(reader: Reader, row: Row, when: datetime) -> None:
    notice(reader.watch, row, when)


def _weird(reader: Reader, row: Row, _when: datetime) -> None:
    hosts = reader.watch.hosts
    if any(hosts.find(_text(row, side))[0] for side in ("id.resp_h", "id.orig_h")):
        name = clean(_text(row, "name"), 80)
        if name in reader.watch.odd or len(reader.watch.odd) < 1_000:  # noqa: PLR2004 - Zeek knows some hundred
            reader.watch.odd[name] += 1


def _loss(reader: Reader, row: Row, _when: datetime) -> None:
    reader.watch.loses(_number(row.get("percent_lost")), 100)


def _statistics(reader: Reader, row: Row, _when: datetime) -> None:
    dropped = _number(row.get("pkts_dropped"))
    reader.watch.loses(dropped, dropped + _number(row.get("pkts_proc")))


LOGS: Final[dict[str, Callable[[Reader, Row, datetime], None]]] = {
    "conn": _connection,
    "known_hosts": _known_host,
    "known_services": _known_service,
    "software": _software,
    "ssh": _ssh,
    "ssl": _tls,
    "x509": _certificate,
    "notice": _notice,
    "weird": _weird,
    "capture_loss": _loss,
    "stats": _statistics,
}
"""In the order in which they are read."""


def _text(row: Row, name: str) -> str:
    value = row.get(name, "")
    return value if isinstance(value, str) else str(value)[:1_000]


def _number(value: object) -> float:
    try:
        number = float(value) if isinstance(value, (int, float, str)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return number if 0 < number < float("inf") else 0.0


def _service(names: tuple[str, ...]) -> str:
    """What is inside TLS says more than TLS."""
    lower = [name.lower() for name in names]
    return next((name for name in lower if name not in {"ssl", ""}), "ssl" if lower and lower[0] == "ssl" else "")
