"""The address of an image: the name of one in a registry, or a scheme and where it is.

`oci-layout:DIR`, `oci-archive:FILE` and `docker-archive:FILE` may end in `:TAG` or `@sha256:DIGEST`, and must where
there are several images. `rootfs:DIR` is a folder. `docker-daemon:REF` and `containers-storage:REF` are what an engine
on this machine holds. All else is in a registry: `debian:12`, `registry.example.com/shop/web@sha256:...`.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from scangate.rootfs.reference import parse_reference

FILES: Final = ("oci-layout", "oci-archive", "docker-archive", "rootfs")
"""Schemes whose address is a path."""
ENGINES: Final = ("docker-daemon", "containers-storage")
REGISTRY: Final = "registry"
SCHEMES: Final = (*FILES, *ENGINES)
EXPECTED: Final = (
    "expected REGISTRY/NAME:TAG, oci-layout:DIR, oci-archive:FILE, docker-archive:FILE, rootfs:DIR, docker-daemon:NAME"
    " or containers-storage:NAME"
)
_MEANT: Final = {
    "sbom": "write `sbom: FILE` in the place of `image:` (sbom:FILE on the command line)",
    "oci": "write oci-layout:DIR, or oci-archive:FILE",
    "dir": "write rootfs:DIR",
    "registry": "write the name of the image alone",
    "daemon": "write docker-daemon:NAME",
    "podman": "write containers-storage:NAME",
    "file": "say what it is, as docker-archive:FILE or oci-archive:FILE",
    "tar": "say what it is, as docker-archive:FILE or oci-archive:FILE",
    "tarball": "say what it is, as docker-archive:FILE or oci-archive:FILE",
    "archive": "say what it is, as docker-archive:FILE or oci-archive:FILE",
}
_URL: Final = "write the name of the image alone, without what stands before and with ://"
_ID: Final = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAddress:
    """Where an image is. `path` is as written: a path, or the name of an image.

    `reference`, for a path: a tag, `@sha256:...`, or empty for the only image.
    """

    scheme: str
    path: str
    reference: str = ""

    @property
    def is_file(self) -> bool:
        return self.scheme in FILES

    def __str__(self) -> str:
        if self.scheme == REGISTRY:
            return self.path
        colon = ":" if self.reference and not self.reference.startswith("@") else ""
        return f"{self.scheme}:{self.path}{colon}{self.reference}"


def parse_address(text: str) -> ImageAddress:
    """Read an address without touching the file. Raises ValueError with one sentence that says what was expected."""
    scheme, _colon, rest = text.partition(":")
    if "\0" in text or text == f"{scheme}:" in {f"{each}:" for each in SCHEMES}:
        raise ValueError(f"{text!r} names no file or folder, and no image: {EXPECTED}")
    if scheme == "rootfs" and rest:
        return ImageAddress(scheme=scheme, path=rest)
    if scheme in FILES and rest:
        return _file(text, scheme, rest)
    if scheme in ENGINES:
        if not _ID.fullmatch(rest):
            _named(text, rest)
        return ImageAddress(scheme=scheme, path=rest)
    _named(text, text)
    return ImageAddress(scheme=REGISTRY, path=text)


def _file(text: str, scheme: str, rest: str) -> ImageAddress:
    """A path holds no colon, and no `@` in its last name unless a digest follows it."""
    if "@sha" in rest:
        path, _at, digest = rest.partition("@sha")
        path, reference = path.removesuffix(":"), f"@sha{digest}"
    else:
        path, colon, tag = rest.partition(":")
        reference = colon + tag
    if not path:
        raise ValueError(f"{text!r} names no file or folder, and no image: {EXPECTED}")
    if reference in {":", "@"}:
        raise ValueError(f"{text!r} ends where a tag or a digest should follow")
    return ImageAddress(scheme=scheme, path=path, reference=reference.removeprefix(":"))


def _named(text: str, name: str) -> None:
    scheme, colon, rest = text.partition(":")
    if name == text and colon:
        if rest.startswith("//"):
            raise ValueError(f"{text!r} is not the address of an image: {_URL}")
        if advice := _MEANT.get(scheme.lower()):
            raise ValueError(f"{text!r} is not the address of an image: {advice}")
        if close := get_close_matches(scheme.lower().replace("_", "-"), SCHEMES, n=1, cutoff=0.8):
            raise ValueError(f"{text!r} is not the address of an image: did you mean {close[0]}:{rest[:200]}?")
    try:
        parse_reference(name)
    except ValueError as error:
        raise ValueError(f"{text!r} {error}: {EXPECTED}") from None
