"""How ecosystems and packages are called, so that advisories and what is installed meet under one name.

https://ossf.github.io/osv-schema/#defined-ecosystems. A record says `Red Hat:enterprise_linux:9::baseos` where an
image says `Red Hat:9`; both become the latter. What has no plain release of its own stays as it is written, and so
meets nothing but itself: extended support (`Red Hat:rhel_eus:9.2::appstream`), Ubuntu Pro, SUSE's other products.
"""

import re
from functools import lru_cache
from typing import Final

ECOSYSTEM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .:/+_()-]{0,159}")
_SEPARATORS: Final = re.compile(r"[-_.]+")
_LANGUAGES: Final = frozenset(
    {
        "Bitnami",
        "CRAN",
        "ConanCenter",
        "GHC",
        "Go",
        "Hackage",
        "Hex",
        "Julia",
        "Maven",
        "NuGet",
        "Packagist",
        "Pub",
        "PyPI",
        "RubyGems",
        "SwiftURL",
        "crates.io",
        "npm",
    }
)
"""What they have after a colon is a repository (`Maven:https://...`): the packages are the same."""
_MAJOR_ONLY: Final = frozenset({"AlmaLinux", "Debian", "Mageia", "Rocky Linux"})
"""Distributions whose minor releases share one set of advisories."""
_RED_HAT: Final = re.compile(r"enterprise_linux:([0-9]{1,2})(?:\.[0-9]{1,2})?(?:::[a-z0-9_]+)?")
_SUSE: Final = re.compile(
    r"(?:Linux Enterprise(?! Micro\b) .*|Package Hub )\b([0-9]{2})(?:\.([0-9]))?(?: SP([0-9]))?(?:-[A-Z_-]+)?"
)
_LTS: Final = re.compile(r"[0-9]?[02468]\.04")
_LOWER: Final = frozenset({"Bitnami", "GitHub Actions", "Hex", "NuGet", "Packagist", "Pub"})
"""Ecosystems in which no two packages differ by case alone."""


@lru_cache(maxsize=1 << 10)
def canonical(ecosystem: str) -> str:
    """Give the name under which we keep an ecosystem: `Red Hat:9`, `SUSE:15.5`, `Alpine:v3.19`, `Ubuntu:22.04:LTS`.

    Every product, module and long-term support of a service pack of SUSE is that service pack. Idempotent.
    """
    name, _colon, release = ecosystem.partition(":")
    if not release or name in _LANGUAGES:
        return name
    return f"{name}:{_release(name, release)}"


def _release(name: str, release: str) -> str:
    if name == "Red Hat" and (match := _RED_HAT.fullmatch(release)):
        return match[1]
    if name == "SUSE" and (match := _SUSE.fullmatch(release)):
        return ".".join(filter(None, (match[1], match[2] or match[3])))
    if name == "Ubuntu" and _LTS.fullmatch(release):
        return f"{release}:LTS"
    if not release[0].isdecimal():
        return release
    if name == "Alpine":
        return f"v{release}"
    return release.partition(".")[0] if name in _MAJOR_ONLY else release


def package(ecosystem: str, name: str) -> str:
    """Write a package's name as everybody's is written in its ecosystem.

    PyPI's are equal whatever their case and separators (PEP 503), those in _LOWER whatever their case. crates.io
    forbids two that differ in `-` and `_`, and its lock files may write either. SwiftURL's are addresses: scheme, case
    and `.git` are no difference. npm's differ by case (`JSONStream`), and so do Maven's, Go's and all others.
    """
    of = family(ecosystem)
    if of == "PyPI":
        return _SEPARATORS.sub("-", name).lower()
    if of in _LOWER:
        return name.lower()
    if of == "crates.io":
        return name.lower().replace("_", "-")
    if of == "SwiftURL":
        return name.lower().rpartition("://")[2].removesuffix("/").removesuffix(".git")
    return name


def family(ecosystem: str) -> str:
    """`Debian` of `Debian:12`."""
    return ecosystem.partition(":")[0]


def covers(export: str, ecosystem: str) -> bool:
    """An export called `Debian` holds the records of `Debian:11`, `Debian:12` and so on."""
    held, asked = canonical(export), canonical(ecosystem)
    return asked == held or asked.startswith(f"{held}:")
