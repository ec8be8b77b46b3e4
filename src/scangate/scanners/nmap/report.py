"""nmap's XML report, read as it comes: one host in memory at a time, however many there are.

The view of a host, its ports and its services is python-nmap's; what python-nmap drops (tunnel, method, all CPEs,
structured script answers, counted ports, timeouts, several addresses) is read from the same element.
"""

import re
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final
from xml.etree.ElementTree import Element

import nmap
from defusedxml.ElementTree import tostring

from scangate.errors import ScanError
from scangate.scanners.network.address import MAX_PORT
from scangate.scanners.nmap.seen import Ended, Port, Rest, Script, Seen, Started, Table
from scangate.scanners.nmap.stream import children

_PROTOCOLS: Final = frozenset({"tcp", "udp", "sctp", "ip"})
_NUMBER: Final = re.compile(r"[0-9]{1,15}")


def parse(source: bytes | IO[bytes]) -> Iterator[Started | Seen | Ended]:
    """Read a report: at most one Started, then each host whose end arrived, then exactly one Ended.

    A report that stops early gives all it holds, and an Ended that is not complete. Raises ScanError for what nmap
    would not write: another document, entities, or more than the limits.
    """
    head: dict[str, str] = {}
    asked: list[tuple[str, str]] = []
    began = False
    ended = Ended(complete=False)
    for element in children(source, "nmaprun", head):
        if element.tag == "scaninfo":
            asked.append((element.get("protocol", ""), element.get("services", "")))
        elif element.tag == "runstats":
            ended = _ended(element)
        elif element.tag == "host":
            if not began:
                yield _started(head, asked)
            began = True
            yield _seen(element)
    if head and not began:
        yield _started(head, asked)
    yield ended


class _Reader(nmap.PortScanner):  # type: ignore[misc] # python-nmap has no types
    """python-nmap without its constructor, which would run `nmap -V` by itself."""

    def __init__(self) -> None:
        pass


def _started(head: dict[str, str], asked: Iterable[tuple[str, str]]) -> Started:
    # nmap's args is its command line as one text.
    words = head.get("args", "").split()
    return Started(
        version=head.get("version", ""),
        started=_number(head.get("start")),
        scripted=any(word in ("-sC", "-A") or word.startswith("--script") for word in words),
        asked=tuple(asked),
    )


def _ended(element: Element) -> Ended:
    finished = element.find("finished")
    hosts = element.find("hosts")
    if finished is None or hosts is None:
        return Ended(complete=False)
    return Ended(
        complete=True,
        exit=finished.get("exit", ""),
        message=finished.get("errormsg", ""),
        up=_number(hosts.get("up")),
        total=_number(hosts.get("total")),
    )


def _seen(host: Element) -> Seen:
    addresses = tuple((each.get("addrtype", ""), each.get("addr", "")) for each in host.iterfind("address"))
    ports = host.findall("ports/port")
    if not addresses or not all(address for _, address in addresses) or not all(map(_is_sound, ports)):
        raise ScanError("nmap's report is refused: a host in it has no address, or a port no number or no state")
    view = _view(host)
    status = view.get("status", {})
    return Seen(
        address=next((address for kind, address in addresses if kind != "mac"), addresses[0][1]),
        addresses=addresses,
        state=status.get("state") or "",
        reason=status.get("reason") or "",
        names=tuple(each["name"] for each in view.hostnames() if each["name"]),
        timed_out=host.get("timedout") == "true",
        started=_number(host.get("starttime")),
        ended=_number(host.get("endtime")),
        ports=tuple(_port(each, view) for each in ports),
        rest=tuple(map(_rest, host.iterfind("ports/extraports"))),
    )


def _view(host: Element) -> Any:
    """One host through python-nmap, alone: it keys hosts by address, so that doubles would overwrite each other."""
    document = Element("nmaprun")
    part = Element("host")
    part.extend(child for child in host if child.tag in ("status", "address", "hostnames", "ports"))
    stats = Element("runstats")
    stats.extend((Element("finished"), Element("hosts")))
    document.extend((part, stats))
    result = _Reader().analyse_nmap_xml_scan(nmap_xml_output=tostring(document, encoding="unicode"))
    return next(iter(result["scan"].values()))


def _port(element: Element, view: Any) -> Port:
    protocol, number = element.get("protocol", ""), _number(element.get("portid"))
    known = view[protocol][number]
    service = element.find("service")
    service = Element("service") if service is None else service
    return Port(
        number=number,
        protocol=protocol,
        state=known["state"],
        reason=known["reason"] or "",
        name=known["name"] or "",
        product=known["product"],
        version=known["version"],
        extra=known["extrainfo"],
        tunnel=service.get("tunnel", ""),
        method=service.get("method", ""),
        confidence=min(10, _number(known["conf"])),
        system=service.get("ostype", ""),
        cpes=tuple(each.text for each in service.iterfind("cpe") if each.text),
        scripts={
            each.get("id", ""): Script(output=each.get("output", ""), table=_table(each))
            for each in element.iterfind("script")
        },
    )


def _rest(element: Element) -> Rest:
    reasons = element.iterfind("extrareasons")
    return Rest(
        state=element.get("state", ""),
        count=_number(element.get("count")),
        reasons=tuple((each.get("reason", ""), _number(each.get("count"))) for each in reasons),
    )


def _table(element: Element) -> Table:
    table: dict[str, Any] = {}
    for child in element:
        if child.tag not in ("table", "elem"):
            continue
        value = _table(child) if child.tag == "table" else child.text or ""
        if key := child.get("key", ""):
            table[key] = value
        else:
            table.setdefault("", []).append(value)
    return table


def _is_sound(port: Element) -> bool:
    state = port.find("state")
    return (
        state is not None
        and bool(state.get("state"))
        and port.get("protocol") in _PROTOCOLS
        and bool(_NUMBER.fullmatch(port.get("portid", "")))
        and _number(port.get("portid")) <= MAX_PORT
    )


def _number(text: str | None) -> int:
    return int(text) if text and _NUMBER.fullmatch(text) else 0
