"""Where an image is asked for: its registry, and the mirrors that stand before it."""

import ipaddress
import os
from dataclasses import dataclass
from typing import Final

from scangate import http
from scangate.errors import ScanError
from scangate.rootfs.reference import DOCKER_HUB, Reference, parse_reference

MIRRORS: Final = "SCANGATE_REGISTRY_MIRRORS"
INSECURE: Final = "SCANGATE_INSECURE_REGISTRIES"
_HUB_HOST: Final = "registry-1.docker.io"
_PROBE: Final = http.Limits(deadline=10, connect=5, read=5, tries=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A registry, and what the image is called there."""

    registry: str
    repository: str

    @property
    def host(self) -> str:
        return _HUB_HOST if self.registry == DOCKER_HUB else self.registry


def places(reference: Reference) -> tuple[Place, ...]:
    """Return mirrors first, the registry itself last. Raises ScanError for a setting that cannot be understood."""
    found = []
    for entry in _listed(MIRRORS):
        registry, _equals, mirror = entry.partition("=")
        try:  # a mirror may have a path, with which what it calls the image begins
            copy = parse_reference(f"{mirror.strip().rstrip('/')}/x")
        except ValueError:
            copy = None
        if copy is None or copy.registry == DOCKER_HUB:
            advice = "expected REGISTRY=MIRROR[/PATH], as docker.io=mirror.example.com/proxy, with commas between"
            raise ScanError(f"{MIRRORS} has {entry[:200]!r}, which is no mirror", advice=advice)
        if registry.strip().lower() == reference.registry.lower():
            repository = f"{copy.repository.removesuffix('x')}{reference.repository}"
            found.append(Place(registry=copy.registry, repository=repository))
    return (*found, Place(registry=reference.registry, repository=reference.repository))


def trusted_plain(host: str) -> bool:
    """Tell whether a host may be spoken to without TLS."""
    return _is_loopback(host) or host.lower() in {each.lower() for each in _listed(INSECURE)}


def _plain_answers(host: str) -> bool:
    """Tell whether it does. What speaks TLS answers plain HTTP with 400, or not at all."""
    try:
        http.get(f"http://{host}/v2/", max_bytes=2**20, limits=_PROBE)
    except http.HttpError as error:
        return error.status not in {0, 400}
    return True


def base_url(place: Place) -> str:
    """Return the address of the API. Nothing is shown to the host before this is known."""
    plain = trusted_plain(place.host) and _plain_answers(place.host)
    return f"{'http' if plain else 'https'}://{place.host}/v2/{place.repository}"


def _is_loopback(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost" or name.lower().endswith(".localhost")


def _listed(variable: str) -> list[str]:
    return [entry for each in os.environ.get(variable, "").split(",") if (entry := each.strip())]
