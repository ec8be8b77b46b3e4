"""CycloneDX in XML, read as it comes.

https://cyclonedx.org/docs/1.6/xml/
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from scangate.core.model import Tool
from scangate.core.text import clean
from scangate.errors import ScanError
from scangate.inventory.sbom.component import MAX_COMPONENTS, Component, Document, gathered, text, texts
from scangate.inventory.sbom.cyclonedx import supported

MAX_DEPTH: Final = 200
"""Elements inside each other."""
_ROOT: Final = re.compile(r"\{http://cyclonedx\.org/schema/bom/([0-9.]{1,10})\}bom")
_KEPT: Final = 1_000
"""Elements of one that are looked at, when its parts are looked for."""


def read(content: bytes, what: str, check: Callable[[], None]) -> Document:
    """Read a document; it must be whole. Raises ScanError."""
    try:
        return _Reader(what, check).read(content)
    except ParseError as error:
        line = error.position[0] if hasattr(error, "position") else 0
        raise _refused(what, f"line {line}: it is broken, or was cut off ({clean(str(error), 100)})") from None
    except DefusedXmlException as error:
        raise _refused(what, f"it declares a document type or entities ({type(error).__name__})") from None
    except (ValueError, LookupError) as error:
        raise _refused(what, f"its encoding cannot be read ({clean(str(error), 100)})") from None


class _Reader:
    """Keeps the components that are open, and of each only what is needed."""

    def __init__(self, what: str, check: Callable[[], None]) -> None:
        self._what = what
        self._check = check
        self._prefix = ""
        self._path: list[str] = []
        self._found: list[Component] = []
        self._counts: list[int] = [0]
        self._metadata: Element | None = None

    def read(self, content: bytes) -> Document:
        written = ""
        for event, element in iterparse(
            io.BytesIO(content), events=("start", "end"), forbid_dtd=True, forbid_entities=True, forbid_external=True
        ):
            if event == "start":
                written = written or self._begin(element)
                self._start(element.tag.removeprefix(self._prefix))
            else:
                self._end(element)
        metadata = self._metadata if self._metadata is not None else Element("metadata")
        return Document(
            format=written,
            components=tuple(self._found),
            tools=tuple(self._tools(metadata)),
            created=self._text(metadata, "timestamp"),
            subject=self._text(metadata, "component/name"),
        )

    def _begin(self, root: Element) -> str:
        match = _ROOT.fullmatch(root.tag)
        if not match:
            raise _refused(self._what, f"it is no CycloneDX: its root is <{clean(root.tag, 60)}>")
        self._prefix = root.tag.removesuffix("bom")
        return supported(match[1], self._what)

    def _start(self, tag: str) -> None:
        self._path.append(tag)
        if len(self._path) > MAX_DEPTH:
            raise _refused(self._what, f"more than {MAX_DEPTH} elements are inside each other")

    def _end(self, element: Element) -> None:
        tag = self._path.pop()
        inside = self._path[-1] if self._path else ""
        if tag == "component" and inside == "components" and "tools" not in self._path:
            self._check()
            if len(self._found) >= MAX_COMPONENTS:
                raise ScanError(f"{self._what}: there are more than {MAX_COMPONENTS:,} components")
            self._found.append(self._component(element, f"component {len(self._found) + 1}"))
            element.clear()
        elif tag == "metadata" and inside == "bom":
            self._metadata = element
        elif inside == "bom" or (tag == "components" and "tools" not in self._path):
            element.clear()

    def _component(self, element: Element, where: str) -> Component:
        licences = (each for licences in self._all(element, "licenses") for each in licences)
        properties = self._all(element, "properties/property")
        return Component(
            where=where,
            name=self._text(element, "name"),
            version=self._text(element, "version"),
            group=self._text(element, "group"),
            kind=element.get("type", ""),
            purl=self._text(element, "purl"),
            licences=texts(map(self._licence, licences)),
            paths=texts(self._text(each, "location") for each in self._all(element, "evidence/occurrences/occurrence")),
            properties=gathered((each.get("name", ""), text(each.text)) for each in properties),
            excluded=self._text(element, "scope") == "excluded",
        )

    def _licence(self, element: Element) -> str:
        if element.tag == f"{self._prefix}expression":
            return text(element.text)
        return self._text(element, "id") or self._text(element, "name")

    def _tools(self, metadata: Element) -> Iterator[Tool]:
        for path in ("tools/tool", "tools/components/component"):
            for each in self._all(metadata, path):
                if name := self._text(each, "name"):
                    yield Tool(name=name, version=self._text(each, "version"))

    def _all(self, element: Element, path: str) -> list[Element]:
        return element.findall("/".join(self._prefix + part for part in path.split("/")))[:_KEPT]

    def _text(self, element: Element, path: str) -> str:
        found = self._all(element, path)
        return text(found[0].text) if found else ""


def _refused(what: str, why: str) -> ScanError:
    return ScanError(f"{what} cannot be read as an SBOM: {why}", advice="have it written anew as CycloneDX 1.6")
