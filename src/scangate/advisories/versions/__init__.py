"""Which version scheme an OSV ecosystem uses. One small file per scheme, each with `key(version)`.

To add a scheme: a file here with `key`, its ecosystems below, and its oracle in tests/advisories/test_versions.py.
"""

from collections.abc import Callable
from typing import Final

from scangate.advisories.versions import (
    apk,
    conan,
    cran,
    dpkg,
    golang,
    hackage,
    maven,
    nuget,
    packagist,
    pep440,
    pub,
    rpm,
    rubygems,
    semver,
)

Key = Callable[[str], str]
"""From a version to a text that sorts as the scheme orders; ValueError on what is no version of it."""

SCHEMES: Final[dict[str, Key]] = {
    "AlmaLinux": rpm.key,
    "Alpaquita": apk.key,
    "Alpine": apk.key,
    "Azure Linux": rpm.key,
    "BellSoft Hardened Containers": apk.key,
    "Bioconductor": cran.key,
    "Bitnami": semver.key,
    "CRAN": cran.key,
    "Chainguard": apk.key,
    "CleanStart": apk.key,
    "ConanCenter": conan.key,
    "Debian": dpkg.key,
    "Echo": dpkg.key,
    "GHC": hackage.key,
    "GitHub Actions": semver.key,
    "Go": golang.key,
    "Hackage": hackage.key,
    "Hex": semver.key,
    "Julia": pub.key,
    "Kubernetes": semver.key,
    "Linux": semver.key,
    "Mageia": rpm.key,
    "Maven": maven.key,
    "MinimOS": apk.key,
    "NuGet": nuget.key,
    "Packagist": packagist.key,
    "Photon OS": rpm.key,
    "Pub": pub.key,
    "PyPI": pep440.key,
    "Red Hat": rpm.key,
    "Rocky Linux": rpm.key,
    "RubyGems": rubygems.key,
    "SUSE": rpm.key,
    "SwiftURL": semver.key,
    "Ubuntu": dpkg.key,
    "VSCode": semver.key,
    "Wolfi": apk.key,
    "crates.io": semver.key,
    "npm": semver.key,
    "openEuler": rpm.key,
    "openSUSE": rpm.key,
}
"""By the ecosystem's name before the colon. Left out are those of OSV with no order of their own (Android, OSS-Fuzz),
or with several in one (Docker Hardened Images, Root, TuxCare), and those of which no image is made (FreeBSD, opam)."""


def scheme(ecosystem: str) -> Key | None:
    """Give the key function of `Debian:12`, `PyPI` and the like; None where we do not know the order of versions."""
    return SCHEMES.get(ecosystem.partition(":")[0])
