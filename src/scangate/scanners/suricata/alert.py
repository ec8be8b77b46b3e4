"""Suricata's alerts: which side is ours, how bad it is, and how sure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeGuard

from scangate.core.model import Confidence, Severity
from scangate.core.text import clean
from scangate.scanners.passive.alerts import Alert, cves
from scangate.scanners.passive.watch import Watch, heading

Event = Mapping[str, Any]

_PRIORITIES: Final = {1: Severity.HIGH, 2: Severity.MEDIUM, 3: Severity.LOW, 4: Severity.INFO}
_SIGNED: Final = {
    "critical": Severity.CRITICAL,
    "major": Severity.HIGH,
    "minor": Severity.LOW,
    "informational": Severity.INFO,
    "info": Severity.INFO,
}
"""What the author of a rule says in its metadata, which is finer than the priority of its class."""
_SURE: Final = (
    "successful ",
    "a network trojan was detected",
    "malware command and control activity detected",
    "domain observed used for c2 detected",
    "crypto currency mining activity detected",
)
"""How classes begin that report what has happened. All others report an attempt, or something odd."""
_LARGEST: Final = 2**32 - 1
_EPHEMERAL: Final = 32_768


def alert(state: Watch, event: Event, when: datetime) -> None:
    """Take in one alert: about the port that was called, and about the host that called."""
    raised = event.get("alert")
    number = raised.get("signature_id") if isinstance(raised, dict) else None
    if not isinstance(raised, dict) or not _whole(number):
        state.odd["an alert without a signature"] += 1
        return
    generator = raised.get("gid", 1)
    own = f"suricata-{number}" if generator == 1 or not _whole(generator) else f"suricata-{generator}-{number}"
    (client, _client_port), (server, port) = _sides(event)
    called, _address = state.hosts.find(server)
    caller, _address = state.hosts.find(client)
    protocol = str(event.get("proto", "tcp"))[:10].lower()
    if called:
        where = heading(called, port, protocol if protocol in {"tcp", "udp", "sctp"} else "tcp")
        # Our host is what the attack is for: it stands beside what is known of its weakness.
        named = cves(raised.get("signature", ""), *_metadata(raised, "cve"))
        for identifier in named or (own,):
            state.alerts.add(_alert(identifier, where, event, raised, when, client))
    if caller:
        state.alerts.add(_alert(own, caller, event, raised, when, server))
    if not called and not caller:
        state.hosts.stranger("alerts")


def _sides(event: Event) -> tuple[tuple[str, object], tuple[str, object]]:
    """Client and server. The packet of an alert goes either way; its flow, or its direction, says which."""
    packet = (_end(event, "src_ip", "src_port"), _end(event, "dest_ip", "dest_port"))
    flow = event.get("flow")
    if isinstance(flow, dict) and flow.get("src_ip") and flow.get("dest_ip"):
        return _end(flow, "src_ip", "src_port"), _end(flow, "dest_ip", "dest_port")
    if event.get("direction") in {"to_client", "to_server"}:
        return packet if event["direction"] == "to_server" else (packet[1], packet[0])
    (_one, source), (_other, destination) = packet
    is_answer = _whole(source) and _whole(destination) and source < _EPHEMERAL <= destination
    return (packet[1], packet[0]) if is_answer else packet


def _alert(identifier: str, where: str, event: Event, raised: Event, when: datetime, other: str) -> Alert:
    category, action = str(raised.get("category") or "")[:200], str(raised.get("action") or "")[:20]
    severity, basis = _severity(raised)
    stopped = action == "blocked"
    sure = category.lower().startswith(_SURE) and not stopped
    facts = [
        ("signature", str(raised.get("signature", ""))[:500]),
        ("signature id", f"{raised.get('gid', 1)}:{raised['signature_id']}:{raised.get('rev', 0)}"[:60]),
        ("category", category),
        ("action", action),
        ("application", str(event.get("app_proto") or "")[:40]),
        *(("MITRE ATT&CK", each) for each in _metadata(raised, "mitre_technique_id")),
    ]
    return Alert(
        rule=identifier,
        where=where,
        title=clean(str(raised.get("signature") or identifier), 300),
        severity=severity,
        basis=basis,
        confidence=Confidence.FIRM if sure else Confidence.POTENTIAL,
        first=when,
        last=when,
        facts=tuple((key, clean(value, 500)) for key, value in facts if value),
        others={clean(other, 60)} if other else set(),
    )


def _severity(raised: Event) -> tuple[Severity, str]:
    for said in _metadata(raised, "signature_severity"):
        if said.lower() in _SIGNED:
            return _SIGNED[said.lower()], "signature_severity of Suricata's rule"
    priority = raised.get("severity")
    if isinstance(priority, int) and priority in _PRIORITIES:
        return _PRIORITIES[priority], "priority of Suricata's rule"
    return Severity.UNKNOWN, "no priority in Suricata's alert"


def _metadata(raised: Event, name: str) -> tuple[str, ...]:
    metadata = raised.get("metadata")
    values = metadata.get(name) if isinstance(metadata, dict) else None
    if isinstance(values, str):
        return (values[:100],)
    return tuple(each[:100] for each in values[:10] if isinstance(each, str)) if isinstance(values, list) else ()


def _end(event: Event, address: str, port: str) -> tuple[str, object]:
    found = event.get(address)
    return (found[:60] if isinstance(found, str) else ""), event.get(port)


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
