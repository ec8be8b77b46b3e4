"""The packages that trivy lists in one of its results, as ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from scangate.core.model import Package
from scangate.inventory.ecosystems import DISTRIBUTIONS, canonical, ecosystem, name_of, parse_purl, released, version_of
from scangate.inventory.purl import purl as write_purl

MAX_TEXT: Final = 4_000
_SYSTEMS: Final = MappingProxyType(
    {"alpine": "apk", "wolfi": "apk", "chainguard": "apk", "debian": "deb", "ubuntu": "deb"}
    | dict.fromkeys(("alma", "amazon", "centos", "fedora", "oracle", "photon", "redhat", "rocky", "cbl-mariner"), "rpm")
    | dict.fromkeys(("opensuse", "opensuse.leap", "suse linux enterprise server"), "rpm")
)
_LANGUAGES: Final = MappingProxyType(
    dict.fromkeys(("bundler", "gemspec"), "gem")
    | dict.fromkeys(("cargo", "rustbinary", "rust-binary"), "cargo")
    | dict.fromkeys(("composer", "composer-vendor"), "composer")
    | dict.fromkeys(("npm", "node-pkg", "yarn", "pnpm", "javascript", "bun"), "npm")
    | dict.fromkeys(("jar", "pom", "gradle", "sbt"), "maven")
    | dict.fromkeys(("gomod", "gobinary"), "golang")
    | dict.fromkeys(("nuget", "dotnet-core", "packages-props"), "nuget")
    | dict.fromkeys(("pip", "pipenv", "poetry", "uv", "python-pkg"), "pypi")
    | {"conan": "conan", "mix-lock": "hex", "hex": "hex", "pub": "pub", "swift": "swift", "bitnami": "bitnami"}
)
"""purl types of trivy's own words, for reports older than its purls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry of the list. `key` is what vulnerabilities refer to it by; `problem` why it is no Package."""

    key: str
    name: str
    identity: tuple[str, ...]
    package: Package | None = None
    problem: str = ""


def listed(result: dict[str, Any]) -> Iterator[Listed]:
    """Give each package of a result."""
    packages = result.get("Packages")
    for each in packages if isinstance(packages, list) else ():
        if isinstance(each, dict):
            yield _listed(each, result)


def text(value: Any) -> str:
    """Return a text as it is, and nothing for what is no text."""
    return value.strip()[:MAX_TEXT] if isinstance(value, str) else ""


def _listed(entry: dict[str, Any], result: dict[str, Any]) -> Listed:
    name, version = text(entry.get("Name")), _version(entry, "")
    identifier = entry.get("Identifier")
    identifier = identifier if isinstance(identifier, dict) else {}
    key = text(identifier.get("UID")) or text(entry.get("ID")) or f"{name}@{version}"
    given = text(identifier.get("PURL")) or _purl(name, version, result)
    label, identity = f"{name} {version}".strip()[:300] or "a package without a name", (given, name, version)
    if not given:
        kind = text(result.get("Type")) or "an unknown type"
        return Listed(key=key, name=label, identity=identity, problem=f"packages of {kind[:60]} are not known here")
    try:
        package = _package(given, entry)
    except ValueError as error:
        return Listed(key=key, name=label, identity=identity, problem=f"its purl cannot be read: {str(error)[:200]}")
    return Listed(key=key, name=label, identity=identity, package=package)


def _package(given: str, entry: dict[str, Any]) -> Package:
    purl = parse_purl(given)
    layer = entry.get("Layer")
    paths = {text(entry.get("FilePath")).lstrip("/")} - {""}
    source = text(entry.get("SrcName")) if purl.type in DISTRIBUTIONS else ""
    version = version_of(purl) or _version(entry, "")
    licences = entry.get("Licenses")
    return Package(
        name=name_of(purl),
        version=version,
        ecosystem=ecosystem(purl, released("", "")),
        purl=canonical(purl, version),
        source=source or (purl.name if purl.type in DISTRIBUTIONS else ""),
        source_version=(_version(entry, "Src") or version) if purl.type in DISTRIBUTIONS else "",
        layer=text(layer.get("DiffID")) if isinstance(layer, dict) else "",
        paths=tuple(sorted(paths)),
        licences=tuple(filter(None, map(text, licences if isinstance(licences, list) else ()))),
    )


def _version(entry: dict[str, Any], prefix: str) -> str:
    """Put the parts of a distribution's version together, which trivy lists apart."""
    epoch = entry.get(f"{prefix}Epoch")
    version, release = text(entry.get(f"{prefix}Version")), text(entry.get(f"{prefix}Release"))
    if not version:
        return ""
    front = f"{epoch}:" if isinstance(epoch, int) and epoch > 0 else ""
    return f"{front}{version}-{release}" if release else f"{front}{version}"


def _purl(name: str, version: str, result: dict[str, Any]) -> str:
    """Make the purl that older reports do not have."""
    kind = text(result.get("Type")).lower()
    if not name:
        return ""
    if system := _SYSTEMS.get(kind):
        return write_purl(system, kind, name, version)
    language = _LANGUAGES.get(kind, "")
    namespace, separator, last = name.rpartition(":" if language == "maven" else "/")
    return write_purl(language, namespace, last if separator else name, version) if language else ""
