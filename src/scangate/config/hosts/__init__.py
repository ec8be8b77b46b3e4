"""Hosts from a file that says what was deployed: `hosts_from` of a target. One file here per format."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scangate.config.document import Document, Place
from scangate.config.hosts.entry import MAX_PROBLEMS, Entry, Listing
from scangate.config.hosts.format import read
from scangate.config.repository import is_file, within
from scangate.errors import ConfigError
from scangate.scanners.network.address import PortRange, Protocol, parse_host, parse_ports

MAX_BYTES: Final = 32 * 2**20
_LONGEST: Final = 300
"""Characters of what might be a host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """What the lists of one target hold. `ports` are empty unless every host came with its own.

    `notes` say what the lists name and no scan reaches.
    """

    hosts: tuple[str, ...] = ()
    ports: str = ""
    notes: tuple[str, ...] = ()


def hosts_from(document: Document, place: Place, wanted: Any, root: Path, folder: Path) -> Hosts:
    """Read every list that a target names, relative to `folder`. Raises ConfigError with every mistake in them."""
    listings = []
    for index, each in enumerate(wanted if isinstance(wanted, list) else [wanted]):
        inner = (*place, index) if isinstance(wanted, list) else place
        file, group = (each, "") if isinstance(each, str) else (each["file"], each.get("group", ""))
        listings.append(_listing(document, inner, folder / file, within(root, folder / file), group))
    if problems := tuple(problem for listing in listings for problem in listing.problems[:MAX_PROBLEMS]):
        raise ConfigError(problems)
    entries = [entry for listing in listings for entry in listing.entries]
    return Hosts(
        hosts=tuple(dict.fromkeys(parse_host(entry.host).text for entry in entries)),
        ports=_ports(entries),
        notes=tuple(note for listing in listings for note in _short(listing)),
    )


def _listing(document: Document, place: Place, path: Path, name: str, group: str) -> Listing:
    listing = Listing(file=name)
    if not is_file(path):
        listing.problems.append(document.problem(place, f"there is no file {name}", "check the path"))
        return listing
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        listing.problems.append(document.problem(place, f"{name} cannot be read: {error.strerror}", "check the path"))
        return listing
    if len(content) > MAX_BYTES:
        listing.problem(f"is larger than {MAX_BYTES // 2**20} MiB", "write only what is scanned")
        return listing
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        listing.problem(f"is not UTF-8 at byte {error.start}", "save it as UTF-8")
        return listing
    read(text, group, listing)
    for entry in listing.entries:
        try:
            parse_host(entry.host if len(entry.host) <= _LONGEST else f"{entry.host[:20]}…")
        except ValueError as error:
            listing.problem(str(error), line=entry.line, place=entry.place)
    if not listing.entries and not listing.problems:
        message = f"{name} names no host" + (f" in {group!r}" if group else "")
        why = "; ".join(listing.left_out[:3])
        listing.problems.append(document.problem(place, message, why or "give a list that does"))
    return listing


def _encoding(content: bytes) -> str:
    """PowerShell writes `terraform output -json > hosts.json` as UTF-16."""
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _ports(entries: Iterable[Entry]) -> str:
    """All ports that the hosts came with. One host without any is asked in full, and so are the others beside it."""
    entries = tuple(entries)
    if not all(entry.ports for entry in entries):
        return ""
    ranges = parse_ports(",".join(dict.fromkeys(port for entry in entries for port in entry.ports)))
    return ",".join(_spelt(ranges))


def _spelt(ranges: Iterable[PortRange]) -> Iterator[str]:
    for each in ranges:
        text = str(each.first) if each.first == each.last else f"{each.first}-{each.last}"
        yield f"{'U' if each.protocol is Protocol.UDP else 'T'}:{text}"


def _short(listing: Listing, most: int = 20) -> Iterator[str]:
    yield from listing.left_out[:most]
    if len(listing.left_out) > most:
        yield f"{listing.file}: {len(listing.left_out) - most} more were left out"
