"""How trivy is called: our addresses in its words, everything else of the machine's configuration kept away from it.

A `trivy.yaml`, a `.trivyignore` or a TRIVY_ variable could hide findings: it runs in an empty folder, without them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scangate.core.model import Kind, Target
from scangate.errors import ScanError
from scangate.rootfs import ImageAddress, parse_address
from scangate.rootfs.address import REGISTRY

_PASSED_ON: Final = ("TRIVY_CACHE_DIR", "XDG_CACHE_HOME")
_FOR_UPDATE: Final = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("TRIVY_DB_REPOSITORY", "TRIVY_JAVA_DB_REPOSITORY"),
)
_OFFLINE: Final = ("--skip-db-update", "--skip-java-db-update", "--offline-scan")
_ALWAYS: Final = (
    "--format", "json", "--scanners", "vuln", "--list-all-pkgs", "--no-progress", "--exit-code", "0",
)  # fmt: skip
_QUIET: Final = {"TRIVY_DISABLE_TELEMETRY": "true", "TRIVY_SKIP_VERSION_CHECK": "true"}
"""As variables, so that releases that know neither do not refuse them."""
_INPUTS: Final = frozenset({"oci-layout", "docker-archive"})
_SOURCES: Final = {"docker-daemon": "docker", "containers-storage": "podman"}


def command(program: str, target: Target, root: Path, seconds: float, *, update: bool) -> tuple[str, ...]:
    """Write the command line. Raises ScanError for an address that trivy cannot read."""
    kind, place = _place(target, root)
    network = () if update else _OFFLINE
    platform = ("--platform", target.platform) if target.platform and kind == "image" else ()
    return (program, kind, *_ALWAYS, *network, *platform, "--timeout", f"{max(1, int(seconds))}s", *place)


def environment(*, update: bool) -> Mapping[str, str]:
    """Return what it may know of ours: where its cache is, and when it may update, the way out."""
    names = (*_PASSED_ON, *(_FOR_UPDATE if update else ()))
    return {name: value for name in names if (value := os.environ.get(name))} | _QUIET


def _place(target: Target, root: Path) -> tuple[str, tuple[str, ...]]:
    if target.kind is Kind.SBOM:
        return "sbom", ("--", str(root / target.address))
    address = _parsed(target.address)
    path = str(root / address.path)
    if address.scheme == "rootfs":
        return "rootfs", ("--", path)
    if address.scheme in _INPUTS:
        return "image", ("--input", path + _tag(address))
    if address.scheme == REGISTRY:
        return "image", ("--image-src", "remote", "--", address.path)
    if source := _SOURCES.get(address.scheme):
        return "image", ("--image-src", source, "--", address.path)
    raise ScanError(
        f"trivy cannot read OCI archives, as {target.address} is one",
        advice=f"unpack it (mkdir layout && tar -xf {address.path} -C layout) and name "
        f"oci-layout:layout{_tag(address)}, or switch trivy off",
    )


def _parsed(address: str) -> ImageAddress:
    try:
        return parse_address(address)
    except ValueError as error:
        raise ScanError(str(error), advice="correct the address of the image") from None


def _tag(address: ImageAddress) -> str:
    reference = address.reference
    return reference if reference.startswith("@") or not reference else f":{reference}"
