"""What all formats have in common: a list of components, and what the document says of itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scangate.core.model import Tool

MAX_COMPONENTS: Final = 500_000
MAX_TEXT: Final = 4_000
"""Characters kept of one text."""
MAX_LIST: Final = 500
"""Licences, properties or paths kept of one component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One entry, as written. `where`: its place in the document. `kind`: CycloneDX's word for what it is.

    `properties` are what tools add in their own words; of a name that is there several times, all values, in order.
    """

    where: str
    name: str = ""
    version: str = ""
    group: str = ""
    kind: str = ""
    purl: str = ""
    licences: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: bool = False

    def said(self, *names: str) -> str:
        """Return the first value of the first property of these that has one."""
        return next((values[0] for name in names if (values := self.properties.get(name)) and values[0]), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as its format has it. `subject`: what it is about."""

    format: str
    components: tuple[Component, ...]
    tools: tuple[Tool, ...] = ()
    created: str = ""
    subject: str = ""


def text(value: Any) -> str:
    """Return a text as it is, and nothing for what is no text."""
    return value.strip()[:MAX_TEXT] if isinstance(value, str) else ""


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return those that are not empty, each once, in order."""
    return tuple(dict.fromkeys(filter(None, values)))[:MAX_LIST]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Give the objects of a JSON array; nothing for what is none."""
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def gathered(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Put pairs of name and value together by name."""
    found: dict[str, list[str]] = {}
    for number, (name, value) in enumerate(pairs):
        if number < MAX_LIST:
            found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}
