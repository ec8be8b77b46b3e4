"""The parts of one match of grype's: the package, scores, and what is known of its use."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any, Final

from scangate.core.model import Cvss, Package
from scangate.inventory.ecosystems import DISTRIBUTIONS, Purl, canonical, ecosystem, name_of, parse_purl, version_of
from scangate.inventory.os_release import Release
from scangate.inventory.purl import purl as write_purl

MAX_TEXT: Final = 4_000
MAX_LIST: Final = 50
_TYPES: Final = MappingProxyType(
    {"deb": "deb", "apk": "apk", "rpm": "rpm", "python": "pypi", "npm": "npm", "gem": "gem", "java-archive": "maven"}
    | {"go-module": "golang", "rust-crate": "cargo", "php-composer": "composer", "dotnet": "nuget"}
)
"""purl types of syft's own words, for reports older than its purls."""


def text(value: Any) -> str:
    """Return a text as it is, and nothing for what is no text."""
    return value.strip()[:MAX_TEXT] if isinstance(value, str) else ""


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Give the objects of a JSON array; nothing for what is none."""
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def package(artifact: dict[str, Any], system: Release) -> Package:
    """Read the package. Raises ValueError with the reason why it is none of ours."""
    name, number = text(artifact.get("name")), text(artifact.get("version"))
    purl = _purl(artifact, name, number, system)
    version = version_of(purl) or number
    if not version:
        raise ValueError("its version is not said")
    source, source_version = _source(artifact, purl, version)
    places = [
        (text(each.get("path")).lstrip("/"), text(each.get("layerID"))) for each in objects(artifact.get("locations"))
    ]
    return Package(
        name=name_of(purl),
        version=version,
        ecosystem=ecosystem(purl, system),
        purl=canonical(purl, version),
        source=source,
        source_version=source_version,
        layer=next((layer for _path, layer in places if layer), ""),
        paths=tuple(sorted({path for path, _layer in places[:MAX_LIST] if path})),
    )


def _purl(artifact: dict[str, Any], name: str, version: str, system: Release) -> Purl:
    given = text(artifact.get("purl"))
    if not given:
        kind = text(artifact.get("type"))
        if kind not in _TYPES:
            raise ValueError(f"packages of {kind[:60] or 'no type'} are not known here")
        given = write_purl(_TYPES[kind], system.name if _TYPES[kind] in DISTRIBUTIONS else "", name, version)
    return parse_purl(given)


def _source(artifact: dict[str, Any], purl: Purl, version: str) -> tuple[str, str]:
    """Find the source package: in `upstreams`, in the purl, or in what old reports call metadata."""
    if purl.type not in DISTRIBUTIONS:
        return "", ""
    metadata = artifact.get("metadata")
    old = metadata if isinstance(metadata, dict) else {}
    for each in objects(artifact.get("upstreams")):
        if name := text(each.get("name")):
            return name, text(each.get("version")) or version
    if name := text(old.get("Source")):
        return name, text(old.get("SourceVersion")) or version
    name, _at, number = purl.qualifiers.get("upstream", "").partition("@")
    if name.endswith(".src.rpm"):
        name = name.removesuffix(".src.rpm").rsplit("-", 2)[0]
    return name or purl.name, number or version


def cvss(places: Iterable[dict[str, Any]]) -> Cvss | None:
    """Take the first score of the newest version that the match itself has, or else of what it is related to."""
    for place in places:
        listed = [each for each in objects(place.get("cvss")) if isinstance(each.get("metrics"), dict)]
        for each in sorted(listed, key=lambda each: text(each.get("version")), reverse=True):
            if found := _score(each["metrics"].get("baseScore"), each.get("vector")):
                return found
        for name in ("cvssV3", "cvssV2"):
            old = place.get(name)
            if isinstance(old, dict) and (found := _score(old.get("baseScore"), old.get("vector"))):
                return found
    return None


def epss(vulnerability: dict[str, Any]) -> float | None:
    """Give the probability that it is exploited, where the report has it."""
    known: list[Any] = [each.get("epss") for each in objects(vulnerability.get("epss"))]
    return max((float(each) for each in known if _is_number(each) and 0 <= each <= 1), default=None)


def exploited(vulnerability: dict[str, Any]) -> bool | None:
    """Tell whether CISA lists it; silence says nothing."""
    return True if next(objects(vulnerability.get("knownExploited")), None) else None


def _score(number: Any, vector: Any) -> Cvss | None:
    if _is_number(number) and 0 < number <= 10:  # noqa: PLR2004 - the scale of CVSS
        return Cvss(score=float(number), vector=text(vector))
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
