"""A package as a CycloneDX component. What the standard has no place for stands in properties named `scangate:...`."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from cyclonedx.model import Property
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, License, LicenseExpression
from cyclonedx.schema.schema import SchemaVersion1Dot6
from cyclonedx.spdx import is_expression, is_supported_id
from packageurl import PackageURL

from scangate.core.model import Confidence, Package
from scangate.reporters.cyclonedx.inventory import Entry
from scangate.reporters.outline import line

PREFIX: Final = "scangate:"
_LONGEST: Final = 200
"""Characters of a licence that may be an expression: parsing it takes longer than linear."""


def written(entry: Entry) -> str:
    """Write one package as JSON."""
    return str(_component(entry).as_json(view_=SchemaVersion1Dot6))  # type: ignore[attr-defined]  # it is decorated


def _component(entry: Entry) -> Component:
    package = entry.package
    purl = _purl(package.purl)
    facts = [
        ("name", line(package.name)),
        ("version", line(package.version)),
        ("ecosystem", line(package.ecosystem)),
        ("target", line(entry.target)),
        ("source", line(package.source)),
        ("sourceVersion", line(package.source_version)),
        ("layer", line(package.layer)),
        ("confidence", "firm" if package.confidence is Confidence.FIRM else ""),
        ("listed", "" if entry.listed else "no: only a finding names it"),
        *(("path", line(path)) for path in package.paths),
    ]
    if package.purl and (purl is None or str(purl) != package.purl):
        facts.append(("purl", line(package.purl, 2_000)))
    return Component(
        name=line(package.name) or "unnamed",
        version=line(package.version) or None,
        type=ComponentType.LIBRARY,
        bom_ref=entry.ref,
        purl=purl,
        licenses=_licences(package),
        properties=properties(facts),
    )


def properties(facts: Iterable[tuple[str, str]]) -> list[Property]:
    """Name facts as ours. Those without a value are left out."""
    return [Property(name=PREFIX + name, value=value) for name, value in facts if value]


def _purl(text: str) -> PackageURL | None:
    try:
        return PackageURL.from_string(text)
    except ValueError:
        return None


def _licences(package: Package) -> list[License]:
    """Give one expression, or any number of ids and names: the standard does not let them be mixed."""
    texts = list(dict.fromkeys(filter(None, (line(each) for each in package.licences))))
    if len(texts) == 1 and not is_supported_id(texts[0]) and _is_expression(texts[0]):
        return [LicenseExpression(texts[0])]
    return [DisjunctiveLicense(id=each) if is_supported_id(each) else DisjunctiveLicense(name=each) for each in texts]


@cache
def _is_expression(text: str) -> bool:
    return len(text) <= _LONGEST and is_expression(text)
