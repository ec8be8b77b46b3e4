"""SPDX 2.3 in JSON; 2.2 is written the same way.

https://spdx.github.io/spdx-spec/v2.3/
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from scangate.core.model import Tool
from scangate.core.text import clean
from scangate.errors import ScanError
from scangate.inventory.sbom.component import MAX_COMPONENTS, Component, Document, gathered, objects, text, texts

_VERSIONS: Final = frozenset({"SPDX-2.2", "SPDX-2.3"})
_NOTHING: Final = frozenset({"", "NONE", "NOASSERTION"})
_KINDS: Final = {"OPERATING-SYSTEM": "operating-system"}
_SOURCE: Final = re.compile(r"built package from: (\S+)(?: (\S+))?")
_ACQUIRED: Final = re.compile(r"acquired package info from [^:]{1,80}: (.*)", re.DOTALL)
_TOOL: Final = re.compile(r"Tool: (?P<name>.+?)(?:-v?(?P<version>[0-9][^ ]*))?")
_NO_PART: Final = frozenset(
    {"BUILD_DEPENDENCY_OF", "DEV_DEPENDENCY_OF", "DEV_TOOL_OF", "TEST_DEPENDENCY_OF", "TEST_TOOL_OF"}
)
_PART: Final = frozenset({"RUNTIME_DEPENDENCY_OF", "DEPENDENCY_OF"})


def read(data: dict[str, Any], what: str, check: Callable[[], None]) -> Document:
    """Read a document. Raises ScanError."""
    version = text(data.get("spdxVersion"))
    if version not in _VERSIONS:
        raise ScanError(
            f"{what} cannot be read as an SBOM: it is {clean(version, 20) or 'SPDX of no version'}",
            advice="have it written as SPDX 2.3",
        )
    packages = data.get("packages", [])
    if not isinstance(packages, list):
        raise ScanError(f"{what} cannot be read as an SBOM: its `packages` are no list", advice="have it written anew")
    if len(packages) > MAX_COMPONENTS:
        raise ScanError(f"{what}: there are more than {MAX_COMPONENTS:,} packages")
    names = {text(each.get("licenseId")): _own_name(each) for each in objects(data.get("hasExtractedLicensingInfos"))}
    aside = _aside(data.get("relationships"))
    components = []
    for index, entry in enumerate(packages):
        check()
        where = f"packages[{index}]"
        known = isinstance(entry, dict)
        components.append(_component(entry, where, names, aside) if known else Component(where=where))
    creation = data.get("creationInfo")
    creation = creation if isinstance(creation, dict) else {}
    return Document(
        format=version.replace("-", " "),
        components=tuple(components),
        tools=tuple(_tools(creation.get("creators"))),
        created=text(creation.get("created")),
        subject=text(data.get("name")),
    )


def _component(entry: dict[str, Any], where: str, names: dict[str, str], aside: frozenset[str]) -> Component:
    purpose = text(entry.get("primaryPackagePurpose"))
    about = text(entry.get("sourceInfo"))
    acquired = _ACQUIRED.match(about)
    purls = (
        text(each.get("referenceLocator"))
        for each in objects(entry.get("externalRefs"))
        if each.get("referenceType") == "purl"
    )
    return Component(
        where=where,
        name=text(entry.get("name")),
        version=text(entry.get("versionInfo")),
        kind=_KINDS.get(purpose, purpose.lower()),
        purl=next(purls, ""),
        licences=_licences(text(entry.get("licenseDeclared")), names),
        paths=texts(acquired[1].split(", ")) if acquired else (),
        properties=gathered(_properties(entry, about)),
        excluded=text(entry.get("SPDXID")) in aside,
    )


def _properties(entry: dict[str, Any], about: str) -> Iterator[tuple[str, str]]:
    """What trivy tells in comments is what it tells in CycloneDX as properties."""
    for each in objects(entry.get("annotations")):
        name, colon, value = text(each.get("comment")).partition(": ")
        if colon and text(each.get("annotator")).startswith("Tool: trivy"):
            yield f"aquasecurity:trivy:{name}", value
    if source := _SOURCE.match(about):
        yield "spdx:source", source[1]
        yield "spdx:sourceVersion", source[2] or ""


def _licences(expression: str, names: dict[str, str]) -> tuple[str, ...]:
    """What is joined by AND alone, is a list; anything else stays the expression that it is."""
    if expression in _NOTHING:
        return ()
    simple = "(" not in expression and " OR " not in expression
    return texts(names.get(each, each) for each in (expression.split(" AND ") if simple else [expression]))


def _own_name(entry: dict[str, Any]) -> str:
    name, identifier = text(entry.get("name")), text(entry.get("licenseId"))
    return identifier.removeprefix("LicenseRef-") if name in _NOTHING else name


def _aside(relationships: Any) -> frozenset[str]:
    """Packages that are needed for building or testing only."""
    kinds: dict[str, set[str]] = {}
    for each in objects(relationships):
        kinds.setdefault(text(each.get("relationshipType")), set()).add(text(each.get("spdxElementId")))
    return frozenset(_all(kinds, _NO_PART) - _all(kinds, _PART))


def _all(kinds: dict[str, set[str]], wanted: Iterable[str]) -> set[str]:
    return set[str]().union(*(kinds.get(each, ()) for each in wanted))


def _tools(creators: Any) -> Iterator[Tool]:
    for each in creators if isinstance(creators, list) else ():
        if match := _TOOL.fullmatch(text(each)):
            yield Tool(name=match["name"], version=match["version"] or "")
