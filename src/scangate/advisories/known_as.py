"""By which names and versions advisories know a package: those of its binary package, of its source, or both.

Debian, Ubuntu, Alpine, Rocky Linux, SUSE, Mageia and openEuler name source packages. Red Hat and AlmaLinux name the
binary packages of an erratum, sometimes the source; Wolfi and Chainguard any package of theirs. Where both are named,
both are looked up: one version is compared with what is said of the other name only if it is that name's version.

Modules. Red Hat, Rocky Linux and AlmaLinux build one package for several streams of a module (nodejs:18, nodejs:20),
and neither package nor record says for which: the number in `module+el8.9.0+1+abc` is none of the stream. A fix of
one stream is therefore compared with a package of another, and a package of an old stream that has its own fix looks
affected by the record of a newer one. We report it, because a missed vulnerability is worse; `doubt` says so, and
`dissent` names the records that speak for it.
"""

from typing import Final

from scangate.advisories import names
from scangate.core.model import Package

_BINARY: Final = frozenset({"AlmaLinux", "Photon OS", "Red Hat"})
_BOTH: Final = frozenset(
    {
        "AlmaLinux",
        "Alpaquita",
        "BellSoft Hardened Containers",
        "Chainguard",
        "CleanStart",
        "MinimOS",
        "Red Hat",
        "Wolfi",
    }
)
_MODULE: Final = ".module"


def matched_as(package: Package) -> tuple[str, str]:
    """Name and version by which advisories of its ecosystem know a package first of all."""
    if names.family(package.ecosystem) in _BINARY:
        return package.name, package.version
    return package.source or package.name, package.source_version or package.version


def lookups(package: Package) -> tuple[tuple[str, str], ...]:
    """Every name under which it is looked up, each with the version that is compared; `matched_as` is the first."""
    first = matched_as(package)
    if names.family(package.ecosystem) not in _BOTH:
        return (first,)
    source = (package.source or package.name, package.source_version or package.version)
    return tuple(dict.fromkeys((first, source, (package.name, package.version))))


def is_module_build(version: str) -> bool:
    """Tell whether an rpm was built for a stream of a module."""
    return _MODULE in version
