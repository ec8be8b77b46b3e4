"""The address of an image: `oci-layout:DIR`, `oci-archive:FILE`, `docker-archive:FILE` or `rootfs:DIR`.

All but the last may end in `:TAG` or `@sha256:DIGEST`, and must where there are several images.
"""

from dataclasses import dataclass
from typing import Final

SCHEMES: Final = ("oci-layout", "oci-archive", "docker-archive", "rootfs")
EXPECTED: Final = "expected oci-layout:DIR, oci-archive:FILE, docker-archive:FILE or rootfs:DIR"
_NOT_YET: Final = {
    "docker-daemon": "save the image first: docker save -o image.tar IMAGE, then docker-archive:image.tar",
    "containers-storage": "copy the image first: podman save -o image.tar IMAGE, then docker-archive:image.tar",
    "docker": "copy the image first: skopeo copy docker://IMAGE oci-archive:image.tar",
    "sbom": "name the image itself",
    "oci": "write oci-layout:DIR",
    "dir": "write rootfs:DIR",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAddress:
    """Where an image is. `path` is as written; `reference` a tag, `@sha256:...`, or empty for the only image."""

    scheme: str
    path: str
    reference: str = ""


def parse_address(text: str) -> ImageAddress:
    """Read an address without touching the file. Raises ValueError with one sentence that says what was expected."""
    scheme, colon, rest = text.partition(":")
    if not colon or scheme not in SCHEMES:
        raise ValueError(_unknown(text, scheme if colon else ""))
    path, reference = (rest, "") if scheme == "rootfs" else _split(rest)
    if not path or "\0" in text:
        raise ValueError(f"{text!r} names no file or folder: {EXPECTED}")
    if reference in {":", "@"}:
        raise ValueError(f"{text!r} ends where a tag or a digest should follow")
    return ImageAddress(scheme=scheme, path=path, reference=reference.removeprefix(":"))


def _split(rest: str) -> tuple[str, str]:
    """A path holds no colon, and no `@` in its last name unless a digest follows it."""
    if "@sha" in rest:
        path, _at, digest = rest.partition("@sha")
        return path.removesuffix(":"), f"@sha{digest}"
    path, colon, tag = rest.partition(":")
    return path, colon + tag


def _unknown(text: str, scheme: str) -> str:
    if advice := _NOT_YET.get(scheme):
        return f"{text!r} cannot be read directly: {advice}"
    return (
        f"{text!r} is not the address of an image that can be read: {EXPECTED}"
        " (an image in a registry is copied first: skopeo copy docker://IMAGE oci-archive:image.tar)"
    )
