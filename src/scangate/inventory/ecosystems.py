"""From a package URL to what advisories call the same package: OSV's ecosystem, the name in it, and the version.

https://ossf.github.io/osv-schema/#defined-ecosystems and https://github.com/package-url/purl-spec
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from scangate.inventory.os_release import Release, ecosystem_of
from scangate.inventory.purl import purl as write_purl

LONGEST: Final = 2_000
"""Characters of a purl that is read."""
LANGUAGES: Final = MappingProxyType(
    {
        "bitnami": "Bitnami",
        "cargo": "crates.io",
        "composer": "Packagist",
        "conan": "ConanCenter",
        "cran": "CRAN",
        "gem": "RubyGems",
        "golang": "Go",
        "hackage": "Hackage",
        "hex": "Hex",
        "maven": "Maven",
        "npm": "npm",
        "nuget": "NuGet",
        "pub": "Pub",
        "pypi": "PyPI",
        "swift": "SwiftURL",
    }
)
"""OSV's ecosystem of a purl's type, where the type alone says it."""
DISTRIBUTIONS: Final = frozenset({"deb", "apk", "rpm", "alpm"})
_IDS: Final = MappingProxyType(
    {
        "alma": "almalinux",
        "amazon": "amzn",
        "cbl-mariner": "mariner",
        "opensuse.leap": "opensuse-leap",
        "opensuse.tumbleweed": "opensuse-tumbleweed",
        "oracle": "ol",
        "redhat": "rhel",
        "suse linux enterprise micro": "sle-micro",
        "suse linux enterprise server": "sles",
    }
)
"""What trivy and the purl specification call a distribution, and what its os-release does."""
_VENDORS: Final = MappingProxyType(
    {"alma": "almalinux", "rhel": "redhat", "sles": "suse", "sled": "suse", "suse linux enterprise server": "suse"}
    | dict.fromkeys(("opensuse.leap", "opensuse-leap", "opensuse.tumbleweed", "opensuse-tumbleweed"), "opensuse")
)
"""The namespace of a purl as our own catalogues write it, where tools differ: equal packages have equal subjects."""
_CODENAMES: Final = MappingProxyType(
    {"stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14"}
    | {"bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04"}
)
_DISTRO: Final = re.compile(r"(?:(?P<id>[a-z][a-z0-9. _-]{0,60}?)-)?v?(?P<version>[0-9][0-9A-Za-z._]{0,40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purl:
    """A package URL, taken apart and with its names as the type normalises them."""

    type: str
    namespace: str = ""
    name: str
    version: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict)


def parse_purl(text: str) -> Purl:
    """Take a purl apart. Raises ValueError with what is wrong."""
    from packageurl import PackageURL

    if len(text) > LONGEST:
        raise ValueError(f"a purl of {len(text)} characters")
    found = PackageURL.from_string(text)
    return Purl(
        type=found.type or "",
        namespace=found.namespace or "",
        name=found.name or "",
        version=found.version or "",
        qualifiers=found.qualifiers if isinstance(found.qualifiers, dict) else {},
    )


def name_of(purl: Purl) -> str:
    """Return the name that OSV's records have."""
    if purl.type == "maven":
        return f"{purl.namespace}:{purl.name}" if purl.namespace else purl.name
    if purl.namespace and purl.type in {"npm", "golang", "composer", "swift", "hex"}:
        return f"{purl.namespace}/{purl.name}"
    return purl.name


def version_of(purl: Purl) -> str:
    """Return the version with its epoch, which some tools write as a qualifier."""
    epoch = purl.qualifiers.get("epoch", "")
    if purl.type not in DISTRIBUTIONS or not epoch.isdecimal() or not int(epoch[:9]) or not purl.version:
        return purl.version
    return purl.version if purl.version.startswith(f"{epoch}:") else f"{epoch}:{purl.version}"


def ecosystem(purl: Purl, document: Release) -> str:
    """Return OSV's ecosystem, empty where it has none. `document`: the distribution that the whole document is about.

    A package of a distribution says itself which release it is of (`distro=debian-12`); else the document must.
    """
    if purl.type not in DISTRIBUTIONS:
        return LANGUAGES.get(purl.type, "")
    said = distribution(purl.qualifiers.get("distro", ""), purl.namespace)
    if not said.version and document.version and document.name in {said.name, _id(purl.namespace)}:
        return document.ecosystem
    return said.ecosystem


def distribution(text: str, vendor: str = "") -> Release:
    """Read what tools write for a distribution: `debian-12.5`, `3.19.1` (of the vendor), `redhat-9.3`, `bookworm`."""
    text = text.strip().lower()
    if code := _CODENAMES.get(text):
        return released(vendor or ("ubuntu" if "." in code else "debian"), code)
    match = _DISTRO.fullmatch(text)
    if match:
        return released(match["id"] or vendor, match["version"])
    return released(text or vendor, "")


def released(name: str, version: str) -> Release:
    """Make a Release of what a document calls a distribution and its release."""
    name = _id(name)
    return Release(name=name, version=version, title=f"{name} {version}".strip(), ecosystem=ecosystem_of(name, version))


def canonical(purl: Purl, version: str) -> str:
    """Write a purl as our catalogues do: one vendor has one name, and what tools add for themselves is left out."""
    vendor = _VENDORS.get(purl.namespace.lower(), purl.namespace) if purl.type in DISTRIBUTIONS else purl.namespace
    kept = {key: purl.qualifiers.get(key, "") for key in ("arch", "distro", "epoch")}
    return write_purl(purl.type, vendor, purl.name, purl.version or version, kept)


def _id(name: str) -> str:
    name = name.strip().lower()
    return _IDS.get(name, name)
