"""What Maven puts into META-INF/maven: pom.properties with three lines that count, and the pom.xml it was built by."""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from scangate.inventory.java.naming import Coordinates

_PROPERTY: Final = re.compile(r"^[ \t]*(groupId|artifactId|version)[ \t]*[=:][ \t]*(\S*)[ \t\r]*$", re.MULTILINE)
_LICENCE: Final = re.compile(r"<license>\s{0,200}(?:<!--.{0,200}-->\s{0,200})?<name>\s{0,200}([^<]{1,200})</name>")
_LONGEST: Final = 100
_MOST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pom:
    """One package that Maven built."""

    coordinates: Coordinates
    licences: tuple[str, ...]


def from_properties(data: bytes) -> Coordinates | None:
    fields = dict(_PROPERTY.findall(data.decode("latin-1")))  # that is how Java reads it
    return Coordinates.checked(*(fields.get(key, "") for key in ("groupId", "artifactId", "version")))


def from_xml(data: bytes) -> Coordinates | None:
    """Take group and version from the parent where the project has none of its own."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if not data:
        return None
    try:
        top: Element = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, RecursionError, LookupError):
        return None
    own = {_plain(each): (each.text or "").strip() for each in top}
    parents = [each for each in top if _plain(each) == "parent"]
    parent = {_plain(each): (each.text or "").strip() for each in parents[0]} if parents else {}
    group, version = (own.get(key) or parent.get(key, "") for key in ("groupId", "version"))
    return Coordinates.checked(group, own.get("artifactId", ""), version)


def licences(data: bytes) -> tuple[str, ...]:
    """Return the names of the licences. Without parsing: nothing depends on them, and there may be a thousand poms."""
    start = data.find(b"<licenses>")
    end = data.find(b"</licenses>", start)
    if start < 0 or end < 0:
        return ()
    text = data[start : min(end, start + 20_000)].decode(errors="replace")
    names = (" ".join(each.split()) for each in _LICENCE.findall(text))
    return tuple(sorted({each for each in names if 0 < len(each) <= _LONGEST})[:_MOST])


def _plain(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
