"""Targets: from the config file, each with the line that declares it, and from the command line."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from scangate.config.document import Document, Place
from scangate.config.hosts import Hosts, hosts_from
from scangate.config.nodes import hidden_character
from scangate.config.repository import exists, within
from scangate.core.model import Criticality, Exposure, Kind, Location, Target
from scangate.errors import ConfigError, Problem, UsageError
from scangate.rootfs import parse_address
from scangate.scanners.network.address import parse_expect, parse_host, parse_hosts, parse_ports

_FORM: Final = (
    "path:DIR, image:NAME, image:oci-layout:DIR, image:oci-archive:FILE, image:docker-archive:FILE, image:rootfs:DIR, "
    "image:docker-daemon:NAME, image:containers-storage:NAME, sbom:FILE, or hosts:ADDRESS[:PORTS]"
)
_COMMAND_LINE: Final = re.compile(
    r"(?:(?P<id>[A-Za-z0-9][A-Za-z0-9._-]{0,62})=)?(?P<kind>path|image|sbom|hosts):(?P<address>.+)"
)
FILES: Final = frozenset({Kind.PATH, Kind.SBOM})
"""Kinds of targets whose address is a path."""
_HOSTS: Final = re.compile(r"(?P<hosts>\[[^\]]*\]|[^:\[\]]+)(?::(?P<ports>[^:]+))?")


def from_document(document: Document, root: Path, folder: Path) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Build the targets of a validated config, and say what lists of hosts name that is no target.

    Raises ConfigError with every mistake a schema cannot see.
    """
    problems: list[Problem] = []
    targets: list[Target] = []
    notes: list[str] = []
    ids: set[str] = set()
    for index, data in enumerate(document.data["targets"]):
        place: Place = ("targets", index)
        problems.extend(mistakes := tuple(_mistakes(document, place, data)))
        listed = Hosts()
        if not mistakes:
            try:
                listed = _listed(document, place, data, root, folder)
            except ConfigError as error:
                problems.extend(error.problems)
            problems.extend(_too_many(document, place, (*data.get("hosts", ()), *listed.hosts)))
        notes.extend(listed.notes)
        if data["id"] in ids:
            message = f"the id {data['id']} is used above already"
            problems.append(document.problem((*place, "id"), message, "findings are known by it: choose another"))
        ids.add(data["id"])
        if not problems:
            key = next(key for key in (*Kind, "hosts_from") if key in data)
            declared_at = Location(path=within(root, root / document.file), line=document.line((*place, key)))
            targets.append(_target(data, listed, root, folder, declared_at))
    if problems:
        raise ConfigError(tuple(problems))
    return tuple(targets), tuple(dict.fromkeys(notes))


def from_command_line(words: tuple[str, ...], root: Path, folder: Path) -> tuple[Target, ...]:
    """Read targets like `web=image:oci-archive:web.tar`. Raises UsageError."""
    targets: dict[str, Target] = {}
    for word in words:
        target = _word(word, root, folder)
        if target.id in targets:
            raise UsageError(f"{word}: the id {target.id} is taken", advice=f"name it yourself: NAME={word}")
        targets[target.id] = target
    return tuple(targets.values())


def _listed(document: Document, place: Place, data: Mapping[str, Any], root: Path, folder: Path) -> Hosts:
    if "hosts_from" not in data:
        return Hosts()
    return hosts_from(document, (*place, "hosts_from"), data["hosts_from"], root, folder)


def _target(data: Mapping[str, Any], listed: Hosts, root: Path, folder: Path, declared_at: Location) -> Target:
    kind = next((kind for kind in Kind if kind.value in data), Kind.HOSTS)
    named = _addresses(kind, data[kind.value], root, folder) if kind.value in data else ()
    return Target(
        id=data["id"],
        kind=kind,
        addresses=tuple(dict.fromkeys((*named, *listed.hosts))),
        criticality=Criticality[data.get("criticality", "medium").upper()],
        exposure=Exposure(data.get("exposure", "internal")),
        environment=data.get("environment", ""),
        owner=data.get("owner", ""),
        exclude=tuple(data.get("exclude", ())),
        # Hosts that are named beside a list come without ports, and are asked in full.
        ports=str(data.get("ports", "" if named else listed.ports)),
        expect=tuple(map(str, data.get("expect", ()))),
        platform=data.get("platform", ""),
        declared_at=declared_at,
    )


def _addresses(kind: Kind, value: Any, root: Path, folder: Path) -> tuple[str, ...]:
    if kind is Kind.HOSTS:
        return tuple(value)
    if kind in FILES:
        return (within(root, folder / value),)
    image = parse_address(value)
    return (str(replace(image, path=within(root, folder / image.path)) if image.is_file else image),)


def _mistakes(document: Document, place: Place, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Say what the schema cannot: addresses, ports and names are checked before anything is run with them."""

    def check(inner: Place, parse: Callable[[str], object], text: object) -> Iterator[Problem]:
        try:
            parse(str(text))
        except ValueError as error:
            yield document.problem((*place, *inner), str(error))

    if "image" in data:
        yield from check(("image",), parse_address, data["image"])
    for key, parse in (("hosts", parse_host), ("exclude", parse_host), ("expect", parse_expect)):
        for index, text in enumerate(data.get(key, ())):
            yield from check((key, index), parse, text)
    if "ports" in data:
        yield from check(("ports",), parse_ports, data["ports"])
    if "platform" in data and "image" not in data:
        yield document.problem((*place, "platform"), "only an image has this", "remove it")
    if not {"hosts", "hosts_from"} & data.keys():
        for key in {"exclude", "expect", "ports"} & data.keys():
            yield document.problem((*place, key), "only a target of hosts has this", "remove it")


def _too_many(document: Document, place: Place, hosts: Iterable[str]) -> Iterator[Problem]:
    try:
        parse_hosts(hosts)
    except ValueError as error:
        yield document.problem((*place, "hosts"), str(error))


def _word(word: str, root: Path, folder: Path) -> Target:
    match = _COMMAND_LINE.fullmatch(word)
    if not match or hidden_character(word):
        raise UsageError(f"{word}: not a target", advice=f"expected {_FORM}, with NAME= before it if you like")
    kind, address = Kind(match["kind"]), match["address"]
    try:
        if kind is Kind.HOSTS:
            hosts, ports = _hosts(address)
            return Target(id=match["id"] or _name(",".join(hosts)), kind=kind, addresses=hosts, ports=ports)
        if kind is Kind.IMAGE:
            parse_address(address)
    except ValueError as error:
        raise UsageError(f"{word}: {error}", advice=f"expected {_FORM}") from error
    addresses = _addresses(kind, address, root, folder)
    if kind in FILES and not exists(folder / address):
        raise UsageError(f"{word}: there is no {address}", advice="check the path")
    return Target(id=match["id"] or _name(addresses[0]), kind=kind, addresses=addresses)


def _hosts(address: str) -> tuple[tuple[str, ...], str]:
    match = _HOSTS.fullmatch(address)
    if not match:
        raise ValueError("not ADDRESS or ADDRESS:PORTS; an IPv6 address stands in brackets, as hosts:[::1]:22,80")
    hosts = tuple(match["hosts"].strip("[]").split(","))
    parse_hosts(hosts)
    if match["ports"]:
        parse_ports(match["ports"])
    return hosts, match["ports"] or ""


def _name(address: str) -> str:
    """A name for a target that was given none: the address, in the letters an id may have."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", address.rpartition("image:")[2]).strip("-._")[:63]
    return name or "target"
