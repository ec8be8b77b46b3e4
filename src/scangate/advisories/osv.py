"""An OSV record (https://ossf.github.io/osv-schema/, 1.x) as typed rows.

A record that is malformed is a ValueError with the reason. A part of it that cannot be used (a range with a version
that is none) is left out and named in `unusable`, so that whoever reads records can count and report it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from scangate.advisories import names
from scangate.advisories.fixing import is_refused
from scangate.advisories.references import help_uri
from scangate.advisories.severity import Rating, ratings
from scangate.advisories.versions import Key, scheme

KINDS: Final = ("introduced", "fixed", "last_affected", "limit")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,119}")
_CWE: Final = re.compile(r"CWE-[0-9]{1,6}")
_MAX_NAME: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Event:
    """A version at which something changes. `kind`: one of KINDS."""

    kind: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Which versions of one package are affected. `ranges`: each a tuple of events, in the record's order.

    `ecosystem` and `package` are the names by which the store finds it, see names.py; `written` is how the record puts
    them. `is_refused`: no fix is to come.
    """

    ecosystem: str
    package: str
    ranges: tuple[tuple[Event, ...], ...] = ()
    versions: tuple[str, ...] = ()
    ratings: tuple[Rating, ...] = ()
    written: tuple[str, str] = ("", "")
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One record. `upstream`: what a distribution's record was made from; one of them may name several CVEs.

    `modified` is RFC 3339 as written, or empty. `help_uri` is the first https reference, or empty.
    """

    id: str
    modified: str = ""
    published: date | None = None
    withdrawn: bool = False
    aliases: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    ratings: tuple[Rating, ...] = ()
    cwes: tuple[str, ...] = ()
    help_uri: str = ""
    affected: tuple[Affected, ...] = ()
    unusable: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every id that this record is about, its own included."""
        return frozenset((self.id, *self.aliases, *self.upstream))


def parse(raw: bytes) -> Advisory:
    """Read one record. Raises ValueError with the reason when it is none."""
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not (isinstance(record, dict) and isinstance(own := record.get("id"), str) and _ID.fullmatch(own)):
        raise ValueError("no JSON object with a usable `id`")
    if not isinstance(entries := record.get("affected") or [], list):
        raise ValueError("`affected` is no list")  # noqa: TRY004 - malformed is one kind of error
    unusable: list[str] = []
    specific = record.get("database_specific")
    refused = is_refused(record)
    return Advisory(
        id=own,
        modified=_text(record, "modified"),
        published=_date(_text(record, "published")),
        withdrawn=bool(record.get("withdrawn")),
        aliases=_ids(record, "aliases"),
        upstream=_ids(record, "upstream"),
        related=_ids(record, "related"),
        summary=_text(record, "summary"),
        details=_text(record, "details"),
        ratings=ratings(record),
        cwes=tuple(filter(_CWE.fullmatch, _texts(specific, "cwe_ids"))) if isinstance(specific, dict) else (),
        help_uri=help_uri(record),
        affected=tuple(_affected(entries, refused, unusable)),
        unusable=tuple(unusable),
    )


def _affected(entries: list[Any], refused: bool, unusable: list[str]) -> Iterator[Affected]:
    for number, entry in enumerate(entries):
        where = f"affected[{number}]"
        try:
            package = entry.get("package")
            if package is None:
                continue  # commits of a repository: nothing that is installed by name
            written = (_name(package["ecosystem"]), _name(package["name"]))
            ecosystem = names.canonical(written[0])
            ranges = tuple(_ranges(entry, ecosystem, where, unusable))
            versions = _texts(entry, "versions")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            unusable.append(f"{where}: {type(error).__name__} {error}")
            continue
        if ranges or versions:
            yield Affected(
                ecosystem=ecosystem,
                package=names.package(ecosystem, written[1]),
                ranges=ranges,
                versions=versions,
                ratings=ratings(entry),
                written=written,
                is_refused=refused or is_refused(entry),
            )


def _ranges(entry: Mapping[str, Any], ecosystem: str, where: str, unusable: list[str]) -> Iterator[tuple[Event, ...]]:
    """The ranges over versions; those over commits (GIT) say nothing about what is installed."""
    key = scheme(ecosystem)
    for number, each in enumerate(entry.get("ranges") or ()):
        if each.get("type") == "GIT":
            continue
        try:
            events = tuple(
                Event(kind=kind, version=_name(version)) for item in each["events"] for kind, version in item.items()
            )
            _check(events, key)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            unusable.append(f"{where}.ranges[{number}]: {error}")
        else:
            yield events


def _check(events: tuple[Event, ...], key: Key | None) -> None:
    for event in events:
        if event.kind not in KINDS:
            raise ValueError(f"unknown event `{event.kind[:40]}`")
        if key and (event.kind, event.version) not in {("introduced", "0"), ("limit", "*")}:
            key(event.version)
    if not any(event.kind == "introduced" for event in events):
        raise ValueError("no `introduced`")


def _name(value: object) -> str:
    if not (isinstance(value, str) and 0 < len(value) <= _MAX_NAME and value.isprintable()):
        raise ValueError(f"no usable name or version: {str(value)[:80]!r}")
    return value


def _text(holder: Mapping[str, Any], name: str) -> str:
    return value if isinstance(value := holder.get(name), str) else ""


def _texts(holder: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = holder.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _ids(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(sorted({each for each in _texts(record, name) if _ID.fullmatch(each)}))


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return found if found.year > 1 else None  # what Go's tools write for "no date"
