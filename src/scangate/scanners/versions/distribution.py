"""Banners that show the whole version of a distribution's package, with its repairs: those can be matched exactly."""

import re
from typing import Final

from scangate.core.model import Package
from scangate.inventory.os_release import ecosystem_of
from scangate.inventory.purl import purl

# What sshd says of itself, in which release that is, and what the package calls it (where it is not the same).
_SSH: Final = {
    "Debian": {
        "6.0p1": "7", "6.7p1": "8", "7.4p1": "9", "7.9p1": "10", "8.4p1": "11", "9.2p1": "12",
        "10.0p1": "13", "10.0p2": "13",
    },
    "Ubuntu": {
        "5.9p1": "12.04", "6.6.1p1": "14.04", "7.2p2": "16.04", "7.6p1": "18.04", "8.2p1": "20.04", "8.9p1": "22.04",
        "9.0p1": "22.10", "9.3p1": "23.10", "9.6p1": "24.04", "9.7p1": "24.10", "9.9p1": "25.04",
    },
}  # fmt: skip
_SSH_PACKAGED: Final = {"6.6.1p1": "6.6p1", "10.0p2": "10.0p1"}

_UPSTREAM: Final = r"([0-9][0-9A-Za-z.]{0,20})"
_REVISION: Final = r"([0-9][0-9A-Za-z.+~]{0,60})"
_SSH_VERSION: Final = re.compile(rf"{_UPSTREAM} (Debian|Ubuntu)[ -]{_REVISION}", re.ASCII)
_MARIADB: Final = re.compile(rf"(?:5\.5\.5-)?([0-9]+\.[0-9]+)(\.[0-9]+)-MariaDB-{_REVISION}(?:-log)?", re.ASCII)
_MYSQL: Final = re.compile(rf"([0-9]\.[0-9])(\.[0-9]+)-{_REVISION}(?:-log)?", re.ASCII)
_BIND: Final = re.compile(rf"{_UPSTREAM}-{_REVISION}(?:-(?:Debian|Ubuntu))?", re.ASCII)
_BIND_RED_HAT: Final = re.compile(r"[^ ]{1,30}-RedHat-([0-9][0-9A-Za-z.+~_-]{0,60}\.el([0-9]{1,2})[0-9A-Za-z_.]*)")
_DEB: Final = re.compile(r"[+~]deb([0-9]{1,2})u[0-9]")
_UBUNTU: Final = re.compile(r"ubuntu(?:[0-9.]*[.~])?([0-9]{2}\.(?:04|10))(?:\.|$)")
_UNTRACKED: Final = ("bpo", "ppa", "maria", "esm", "fips", "sury")
"""Builds that the distribution's own records say nothing about."""
_NAMELESS_SERIES: Final = (10, 11)
"""From this series on, the source package of MariaDB has no number in its name."""
_READ: Final = 200


def packaged(product: str, version: str) -> Package | None:
    """Give the package that a banner proves; None where it shows no package, or not of which release."""
    product, version = product.strip().lower(), version.strip()
    if len(version) > _READ or any(mark in version for mark in _UNTRACKED):
        return None
    if product == "openssh":
        return _openssh(version)
    if product in {"mysql", "mariadb"}:
        return _mariadb(version) or _mysql(version)
    return _bind(version) if product in {"isc bind", "bind"} else None


def _openssh(version: str) -> Package | None:
    if not (match := _SSH_VERSION.fullmatch(version)):
        return None
    upstream, said, revision = match.groups()
    # Ubuntu's of before 2012 say that they are Debian's.
    distribution = "Ubuntu" if "ubuntu" in revision else said
    release = _release(revision)[1] or _SSH[distribution].get(upstream, "")
    return _deb(distribution, release, "openssh", f"1:{_SSH_PACKAGED.get(upstream, upstream)}-{revision}")


def _mariadb(version: str) -> Package | None:
    if not (match := _MARIADB.fullmatch(version)):
        return None
    series, patch, revision = match.groups()
    nameless = tuple(map(int, series.split("."))) >= _NAMELESS_SERIES
    return _deb(*_release(revision), "mariadb" if nameless else f"mariadb-{series}", f"1:{series}{patch}-{revision}")


def _mysql(version: str) -> Package | None:
    if not (match := _MYSQL.fullmatch(version)):
        return None
    series, patch, revision = match.groups()
    return _deb(*_release(revision), f"mysql-{series}", f"{series}{patch}-{revision}")


def _bind(version: str) -> Package | None:
    if match := _BIND_RED_HAT.fullmatch(version):
        ecosystem, number = f"Red Hat:{int(match[2])}", f"32:{match[1]}"
        return Package(name="bind", version=number, ecosystem=ecosystem, purl=purl("rpm", "redhat", "bind", number))
    if not (match := _BIND.fullmatch(version)):
        return None
    return _deb(*_release(match[2]), "bind9", f"1:{match[1]}-{match[2]}")


def _release(revision: str) -> tuple[str, str]:
    """Distribution and release, as far as the revision of a package names them."""
    if match := _DEB.search(revision):
        return "Debian", match[1]
    match = _UBUNTU.search(revision)
    return ("Ubuntu", match[1]) if match else ("", "")


def _deb(distribution: str, release: str, source: str, version: str) -> Package | None:
    if not release:
        return None
    return Package(
        name=source,
        version=version,
        ecosystem=ecosystem_of(distribution.lower(), release),
        purl=purl("deb", distribution.lower(), source, version),
        source=source,
        source_version=version,
    )
