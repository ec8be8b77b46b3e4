"""What each kind of event says: to add one, a function and a line in EVENTS."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from scangate.scanners.nmap.rules.certificate import EXPIRED, EXPIRES
from scangate.scanners.nmap.rules.tls import OBSOLETE
from scangate.scanners.passive.banners import read_banner
from scangate.scanners.passive.inventory import Sighting, tls_version
from scangate.scanners.passive.moments import moment
from scangate.scanners.passive.watch import Watch
from scangate.scanners.suricata.alert import alert

Event = Mapping[str, Any]

_OLD: Final = frozenset({"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"})
_SOON: Final = timedelta(days=30)
_UNKNOWN: Final = frozenset({"", "failed", "unknown"})


def inner(event: Event, *names: str) -> Event:
    """The object inside, however deep; an empty one where there is none."""
    for name in names:
        found = event.get(name)
        event = found if isinstance(found, dict) else {}
    return event


def _flow(state: Watch, event: Event, when: datetime) -> None:
    """A flow in which the other side answered: `dest` is the server."""
    if not state.hosts.find(_text(event, "dest_ip"))[0]:
        if not state.hosts.find(_text(event, "src_ip"))[0]:
            state.hosts.stranger("flows")
        return
    flow, protocol = inner(event, "flow"), _text(event, "proto").lower()
    answered = _number(flow.get("pkts_toclient")) > 0
    # A port that is closed answers as well, with a reset.
    is_open = answered and (protocol == "udp" or _established(inner(event, "tcp"), flow))
    if is_open and (sighting := _server(state, event)):
        name = _text(event, "app_proto")
        sighting.learn(when, name="" if name in _UNKNOWN or name == "tls" else name)


def _established(tcp: Event, flow: Event) -> bool:
    if isinstance(tcp.get("state"), str) and tcp["state"] in {"established", "fin_wait1", "fin_wait2", "close_wait",
                                                               "time_wait", "last_ack", "closing"}:  # fmt: skip
        return True
    return tcp.get("syn") is True and tcp.get("ack") is True and _number(flow.get("pkts_toclient")) > 1


def _tls(state: Watch, event: Event, when: datetime) -> None:
    place = state.spot(event.get("dest_ip"), event.get("dest_port"), event.get("proto"))
    if not place:
        return
    tls = inner(event, "tls")
    if version := tls_version(tls.get("version", "")):
        state.inventory.seen[place[1:]].versions.add(version)
    if version in _OLD:
        state.hit(OBSOLETE, place, when, f"was seen to speak {version} with a client")
    until = moment(tls.get("notafter"))
    today = state.period.today
    if until and until.date() < today:
        state.hit(EXPIRED, place, when, f"was seen to show a certificate that ended on {until:%Y-%m-%d}")
    elif until and until.date() <= today + _SOON:
        state.hit(EXPIRES, place, when, f"was seen to show a certificate that ends on {until:%Y-%m-%d}")


def _ssh(state: Watch, event: Event, when: datetime) -> None:
    if sighting := _server(state, event):
        product, version = read_banner(_text(inner(event, "ssh", "server"), "software_version"))
        sighting.learn(when, name="ssh", product=product, version=version)


def _http(state: Watch, event: Event, when: datetime) -> None:
    if sighting := _server(state, event):
        product, version = "", ""
        headers = inner(event, "http").get("response_headers")
        for each in headers[:100] if isinstance(headers, list) else ():
            if isinstance(each, dict) and _text(each, "name").lower() == "server":
                product, version = read_banner(_text(each, "value"))
        sighting.learn(when, name="http", product=product, version=version)


def _statistics(state: Watch, event: Event, _when: datetime) -> None:
    """Counters since the sensor began; the worst share they ever show counts."""
    capture = inner(event, "stats", "capture")
    dropped = _number(capture.get("kernel_drops"))
    state.loses(dropped, max(dropped, _number(capture.get("kernel_packets"))))


def _server(state: Watch, event: Event) -> Sighting | None:
    """The sighting of the port that was called, where it is one of the target's."""
    place = state.spot(event.get("dest_ip"), event.get("dest_port"), event.get("proto"))
    return state.inventory.seen[place[1:]] if place else None


EVENTS: Final[dict[str, Callable[[Watch, Event, datetime], None]]] = {
    "alert": alert,
    "flow": _flow,
    "tls": _tls,
    "ssh": _ssh,
    "http": _http,
    "stats": _statistics,
}


def _text(event: Event, name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 < value < 2**63 else 0.0
