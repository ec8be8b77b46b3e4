"""How grype is called: our addresses in its words, everything else of the machine's configuration kept away from it.

A `.grype.yaml` here, in the home or in the XDG folders could ignore findings: it runs with an empty home.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scangate.core.model import Kind, Target
from scangate.errors import ScanError
from scangate.rootfs import parse_address
from scangate.rootfs.address import REGISTRY

_SOURCES: Final = {
    "oci-layout": "oci-dir",
    "oci-archive": "oci-archive",
    "docker-archive": "docker-archive",
    "rootfs": "dir",
    "docker-daemon": "docker",
    "containers-storage": "podman",
    REGISTRY: "registry",
}
_NAMES: Final = frozenset({"docker-daemon", "containers-storage", REGISTRY})
"""Schemes that are followed by the name of an image, not by a path."""
_FOR_UPDATE: Final = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("GRYPE_DB_UPDATE_URL", "GRYPE_DB_CA_CERT"),
)


def command(program: str, target: Target, root: Path) -> tuple[str, ...]:
    """Write the command line. Raises ScanError for what is no address."""
    platform = ("--platform", target.platform) if target.platform else ()
    return (program, _source(target, root), "--output", "json", *platform)


def environment(folder: Path, *, update: bool) -> Mapping[str, str]:
    """Return what it is told. How old its data may be is the policy's to judge, not grype's."""
    home = Path(os.environ.get("HOME") or "/")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    passed = {name: value for name in (_FOR_UPDATE if update else ()) if (value := os.environ.get(name))}
    return passed | {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG") or str(home / ".docker"),
        "GRYPE_DB_CACHE_DIR": os.environ.get("GRYPE_DB_CACHE_DIR") or str(cache / "grype" / "db"),
        "GRYPE_CHECK_FOR_APP_UPDATE": "false",
        "GRYPE_DB_AUTO_UPDATE": "true" if update else "false",
        "GRYPE_DB_VALIDATE_AGE": "false",
        "GRYPE_EXTERNAL_SOURCES_ENABLE": "false",
    }


def _source(target: Target, root: Path) -> str:
    if target.kind is Kind.SBOM:
        return f"sbom:{root / target.address}"
    try:
        address = parse_address(target.address)
    except ValueError as error:
        raise ScanError(str(error), advice="correct the address of the image") from None
    place = address.path if address.scheme in _NAMES else str(root / address.path)
    if address.reference:
        raise ScanError(
            f"grype cannot choose among the images of {target.address}",
            advice="copy the one that is meant into a file of its own (skopeo copy), or switch grype off",
        )
    return f"{_SOURCES[address.scheme]}:{place}"
