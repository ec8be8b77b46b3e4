"""CycloneDX in JSON.

https://cyclonedx.org/docs/1.6/json/
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from scangate.core.model import Tool
from scangate.core.text import clean
from scangate.errors import ScanError
from scangate.inventory.sbom.component import MAX_COMPONENTS, Component, Document, gathered, objects, text, texts

MAX_DEPTH: Final = 64
"""Components inside each other."""
_VERSION: Final = re.compile(r"1\.[0-7]")
"""Of 1.4 to 1.6 samples were read; the components of those before and after are written the same way."""


def supported(version: str, what: str) -> str:
    """Check the version of the specification. Raises ScanError."""
    if not _VERSION.fullmatch(version):
        raise ScanError(
            f"{what} cannot be read as an SBOM: it is CycloneDX {clean(version, 20) or 'of no version'}",
            advice="have it written as CycloneDX 1.4, 1.5 or 1.6",
        )
    return f"CycloneDX {version}"


def read(data: dict[str, Any], what: str, check: Callable[[], None]) -> Document:
    """Read a document. Raises ScanError."""
    written = supported(text(data.get("specVersion")), what)
    metadata = data.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    subject = metadata.get("component")
    subject = subject if isinstance(subject, dict) else {}
    if not isinstance(data.get("components", []), list):
        raise ScanError(
            f"{what} cannot be read as an SBOM: its `components` are no list", advice="have it written anew"
        )
    found = []
    for each in _components(data.get("components"), subject.get("components"), what):
        check()
        found.append(each)
    return Document(
        format=written,
        components=tuple(found),
        tools=tuple(_tools(metadata.get("tools"))),
        created=text(metadata.get("timestamp")),
        subject=text(subject.get("name")),
    )


def _components(top: Any, inside: Any, what: str) -> Iterator[Component]:
    """Walk through all of them, those inside others too, without recursion."""
    waiting = [(inside, "metadata.component.components", 1), (top, "components", 0)]
    count = 0
    while waiting:
        entries, place, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ScanError(f"{what}: components are inside each other more than {MAX_DEPTH} deep")
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            count += 1
            if count > MAX_COMPONENTS:
                raise ScanError(f"{what}: there are more than {MAX_COMPONENTS:,} components")
            where = f"{place}[{index}]"
            if not isinstance(entry, dict):
                yield Component(where=where)
                continue
            yield _component(entry, where)
            if entry.get("components"):
                waiting.append((entry["components"], f"{where}.components", depth + 1))


def _component(entry: dict[str, Any], where: str) -> Component:
    evidence = entry.get("evidence")
    evidence = evidence if isinstance(evidence, dict) else {}
    return Component(
        where=where,
        name=text(entry.get("name")),
        version=text(entry.get("version")),
        group=text(entry.get("group")),
        kind=text(entry.get("type")),
        purl=text(entry.get("purl")),
        licences=texts(_licence(each) for each in objects(entry.get("licenses"))),
        paths=texts(text(each.get("location")) for each in objects(evidence.get("occurrences"))),
        properties=gathered(
            (text(each.get("name")), text(each.get("value"))) for each in objects(entry.get("properties"))
        ),
        excluded=entry.get("scope") == "excluded",
    )


def _licence(choice: dict[str, Any]) -> str:
    licence = choice.get("license")
    if isinstance(licence, dict):
        return text(licence.get("id")) or text(licence.get("name"))
    return text(choice.get("expression"))


def _tools(tools: Any) -> Iterator[Tool]:
    """Until 1.4 they are a list; since 1.5 they are components."""
    for each in objects(tools.get("components") if isinstance(tools, dict) else tools):
        if name := text(each.get("name")):
            yield Tool(name=name, version=text(each.get("version")))
