"""From the components of a document to packages as the catalogues of images make them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain
from typing import Final
from urllib.parse import unquote

from scangate.core.model import Confidence, Gap, Package
from scangate.core.text import clean
from scangate.errors import ScanError
from scangate.inventory.ecosystems import (
    DISTRIBUTIONS,
    Purl,
    canonical,
    distribution,
    ecosystem,
    name_of,
    parse_purl,
    released,
    version_of,
)
from scangate.inventory.os_release import Release
from scangate.inventory.sbom import Sbom
from scangate.inventory.sbom.component import Component, Document, texts

_SYSTEM: Final = "operating-system"
_NO_PACKAGE: Final = frozenset(
    {"archive", "container", "cryptographic-asset", "data", "file", "machine-learning-model", "source", _SYSTEM}
)
"""Kinds that are no package by themselves; one with a purl is one all the same, unless it is an image."""
_IMAGES: Final = frozenset({"oci", "docker"})
_SOURCE_RPM: Final = re.compile(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm")
_DISTRO: Final = re.compile(r"[?&]distro=([^&#]{1,100})")
_SYFT_PATH: Final = re.compile(r"syft:location:[0-9]{1,6}:path")
_PATHS: Final = ("scangate:path", "aquasecurity:trivy:FilePath")
_LAYERS: Final = ("scangate:layer", "aquasecurity:trivy:LayerDiffID", "syft:location:0:layerID")
_SOURCES: Final = (
    ("syft:metadata:source", "syft:metadata:sourceVersion"),
    ("spdx:source", "spdx:sourceVersion"),
    ("syft:metadata:originPackage", ""),
)


def catalogued(document: Document, *, what: str, check: Callable[[], None]) -> Sbom:
    """Read what is installed. Raises ScanError when there is nothing."""
    named = next((each for each in document.components if each.kind == _SYSTEM), None)
    system = _system(named) if named else Release()
    packages: dict[Package, set[str]] = {}
    gaps: list[Gap] = []
    left_out = 0
    for component in document.components:
        check()
        if component.excluded:
            left_out += 1
            continue
        item = _item(component, system)
        if isinstance(item, Gap):
            gaps.append(item)
        elif item:
            packages.setdefault(replace(item, paths=()), set()).update(item.paths)
    if not packages and not gaps:
        raise ScanError(
            f"{what} names no package: {len(document.components)} components, none of them a package",
            advice="have it made of what is delivered, with its packages; an empty list proves nothing",
        )
    joined = sorted(replace(package, paths=tuple(sorted(paths))) for package, paths in packages.items())
    return Sbom(
        format=document.format,
        items=(*joined, *sorted(gaps)),
        release=system if system.name else _common(document.components),
        tools=document.tools,
        created=document.created,
        subject=document.subject,
        left_out=left_out,
    )


def _system(component: Component) -> Release:
    name = component.said("syft:distro:id") or component.name
    found = released(name, component.said("syft:distro:versionID") or component.version)
    return replace(found, title=component.said("syft:distro:prettyName") or found.title)


def _common(components: Iterable[Component]) -> Release:
    """Return the distribution that all packages of one say they are of, where no component is the system itself."""
    said = {match[1] for each in components if (match := _DISTRO.search(each.purl))}
    return distribution(unquote(said.pop())) if len(said) == 1 else Release()


def _item(component: Component, system: Release) -> Package | Gap | None:
    """Nothing for what is no package; a gap for what may be one, and cannot be compared with anything."""
    label = f"{component.where}: {clean(' '.join(filter(None, (component.name, component.version))), 200)}".rstrip(": ")
    if not component.purl:
        if component.kind in _NO_PACKAGE or component.said("aquasecurity:trivy:Class"):
            return None
        return Gap(what=label, reason="it has no package URL, so it cannot be compared with advisories")
    try:
        purl = parse_purl(component.purl)
    except ValueError as error:
        return Gap(what=label, reason=f"its package URL cannot be read: {clean(str(error), 200)}")
    if purl.type in _IMAGES and component.kind in _NO_PACKAGE:
        return None
    version = version_of(purl) or component.version
    if not version:
        return Gap(what=label, reason="it has no version, so it cannot be compared with advisories")
    return _package(component, purl, version, system)


def _package(component: Component, purl: Purl, version: str, system: Release) -> Package:
    ours = "scangate:name" in component.properties  # written by us: nothing has to be guessed
    own_source = (component.said("scangate:source"), component.said("scangate:sourceVersion"))
    source, source_version = own_source if ours else _source(component, purl, version)
    own = component.said("scangate:ecosystem")
    return Package(
        name=component.said("scangate:name") or name_of(purl),
        version=component.said("scangate:version") or version,
        ecosystem=own if ours else ecosystem(purl, system),
        purl=(component.said("scangate:purl") or component.purl) if ours else canonical(purl, version),
        source=source,
        source_version=source_version,
        layer=component.said(*_LAYERS),
        paths=_paths(component),
        licences=component.licences,
        confidence=Confidence.FIRM if component.said("scangate:confidence") == "firm" else Confidence.CONFIRMED,
    )


def _source(component: Component, purl: Purl, version: str) -> tuple[str, str]:
    """Find the source package, by which distributions write advisories. What is built from itself does not say so."""
    if purl.type not in DISTRIBUTIONS:
        return "", ""
    for name, number in _SOURCES:
        if said := component.said(name):
            return said, (component.said(number) if number else "") or version
    if said := component.said("aquasecurity:trivy:SrcName"):
        return said, _joined_version(component) or version
    upstream = component.said("syft:metadata:sourceRpm") or purl.qualifiers.get("upstream", "")
    if match := _SOURCE_RPM.fullmatch(upstream):
        return match[1], _same_epoch(match[2], version)
    name, _at, number = upstream.partition("@")
    return (name, number or version) if name else (purl.name, version)


def _joined_version(component: Component) -> str:
    """Put trivy's parts together: it takes the source's version apart and keeps its release and its epoch aside."""
    epoch, version, release = (
        component.said(f"aquasecurity:trivy:Src{each}") for each in ("Epoch", "Version", "Release")
    )
    if not version:
        return ""
    return (f"{epoch}:" if epoch.strip("0") else "") + version + (f"-{release}" if release else "")


def _same_epoch(number: str, version: str) -> str:
    """Give the version of a source RPM, whose file name never tells the epoch, that of its package."""
    epoch, colon, _rest = version.partition(":")
    return f"{epoch}:{number}" if colon else number


def _paths(component: Component) -> tuple[str, ...]:
    properties = component.properties
    own: Iterable[str] = chain.from_iterable(properties.get(name, ()) for name in _PATHS)
    syft = (value for name, values in properties.items() if _SYFT_PATH.fullmatch(name) for value in values)
    return texts(path.lstrip("/") for path in chain(own, component.paths, syft))
