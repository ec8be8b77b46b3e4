"""Which version scheme an OSV ecosystem uses. One small file per scheme, each with `key(version)`.

To add a scheme: a file here with `key`, its ecosystems below, and its oracle in tests/advisories/test_versions.py.
"""

from collections.abc import Callable
from typing import Final

from scangate.advisories.versions import dpkg, pep440, semver

Key = Callable[[str], str]
"""From a version to a text that sorts as the scheme orders; ValueError on what is no version of it."""

SCHEMES: Final[dict[str, Key]] = {
    "Bitnami": semver.key,
    "Debian": dpkg.key,
    "Go": semver.key,
    "PyPI": pep440.key,
    "Ubuntu": dpkg.key,
    "crates.io": semver.key,
    "npm": semver.key,
}
"""By the ecosystem's name before the colon."""


def scheme(ecosystem: str) -> Key | None:
    """Give the key function of `Debian:12`, `PyPI` and the like; None where we do not know the order of versions."""
    return SCHEMES.get(ecosystem.partition(":")[0])
