"""The name of an image in a registry, as people write it: `debian:12`, `registry.example.com:5000/shop/web@sha256:...`.

https://github.com/distribution/reference
"""

import re
from dataclasses import dataclass
from typing import Final

DOCKER_HUB: Final = "docker.io"
_HUBS: Final = frozenset({"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "docker.com"})
_LONGEST: Final = 512
_REGISTRY: Final = re.compile(
    r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*)(?::[0-9]{1,5})?"
)
_PART: Final = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_FILES: Final = (".tar", ".tar.gz", ".tgz", ".json", ".xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`registry` with its port, `docker.io` for Docker Hub. Where there is a digest, it decides and not the tag."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}"

    @property
    def version(self) -> str:
        """What the registry is asked for."""
        return self.digest or self.tag or "latest"

    def __str__(self) -> str:
        return f"{self.name}@{self.digest}" if self.digest else f"{self.name}:{self.version}"


def parse_reference(text: str) -> Reference:
    """Read a reference. Raises ValueError with the end of a sentence that begins with it."""
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters")
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise ValueError("has no digest like sha256:0123... behind its @")
    folder, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise ValueError("has no valid tag behind its last colon")
    registry, repository = _split(folder + slash + last)
    parts = repository.split("/")
    if repository != repository.lower():
        raise ValueError("has capital letters, which names of images do not have")
    if not all(_PART.fullmatch(part) for part in parts) or not _REGISTRY.fullmatch(registry):
        raise ValueError("is not the name of an image")
    if not tag and not digest and (registry == DOCKER_HUB) and repository.endswith(_FILES):
        raise ValueError("looks like a file: say what it is, as docker-archive:FILE or oci-archive:FILE")
    return Reference(registry=registry, repository=repository, tag=tag, digest=digest)


def _split(name: str) -> tuple[str, str]:
    """Tell a registry from the first part of a name, as Docker does: by a dot, a colon, or being `localhost`."""
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first or first != first.lower()):
        if first.lower() not in _HUBS | {DOCKER_HUB}:
            return first, rest
        name = rest
    return DOCKER_HUB, name if "/" in name else f"library/{name}"
