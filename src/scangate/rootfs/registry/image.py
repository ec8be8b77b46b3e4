"""The parts of an image in a registry. Only documents are fetched when it is opened, layers when they are read."""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from typing import IO, Any, Final, TypeVar

from scangate.errors import ScanError
from scangate.http import HttpError
from scangate.rootfs.blobs import unnamed
from scangate.rootfs.documents import DIGEST, digest, text
from scangate.rootfs.image import Config, Layer
from scangate.rootfs.limits import MAX_BLOB, MAX_DOCUMENT
from scangate.rootfs.oci import INDEXES, MANIFESTS, Descriptor, find_manifest, read_manifest
from scangate.rootfs.reference import Reference
from scangate.rootfs.registry.access import Access
from scangate.rootfs.registry.downloads import Downloads, RemoteLayer, verify
from scangate.rootfs.registry.places import places
from scangate.rootfs.sources import TarLayer
from scangate.rootfs.stream import Check, Region, damaged, digest_of

Tell = Callable[[str], None]
T = TypeVar("T")
_ACCEPT: Final = ", ".join((*MANIFESTS, *INDEXES))
_OLD: Final = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
_FOREIGN: Final = ("foreign", "nondistributable")


def open_image(
    reference: Reference, *, platform: str, check: Check, tell: Tell, resources: ExitStack
) -> tuple[Config, tuple[TarLayer, ...]]:
    """Read an image's documents, and prepare its layers. Raises ScanError."""
    what = str(reference)
    image = _Image(reference, check, tell, resources)
    data, media_type = image.root(what)
    manifest = find_manifest(_parsed(data, what), media_type, image, platform=platform, what=what)
    return read_manifest(manifest, image, what=what)


class _Image:
    """`Parts` over the network: from mirrors first, from the registry itself where they fail."""

    def __init__(self, reference: Reference, check: Check, tell: Tell, resources: ExitStack) -> None:
        self._reference = reference
        self._tell = tell
        self._resources = resources
        self._downloads = Downloads(check, resources)
        self._check = check
        self._room = MAX_BLOB
        self._places = [Access(place, check) for place in places(reference)]

    def root(self, what: str) -> tuple[bytes, str]:
        """Fetch what the reference names: an index or a manifest, and its media type."""
        return self._from_any(what, lambda place: self._document(place, self._reference.version, what))

    def manifest(self, descriptor: Descriptor, what: str) -> Region:
        name = digest(descriptor, "digest", what)
        data, _media_type = self._from_any(what, lambda place: self._document(place, name, what))
        file = unnamed(self._resources)
        file.write(data)
        file.flush()
        return Region(file.fileno(), 0, len(data), what=what, check=self._check)

    def config(self, descriptor: Descriptor, what: str) -> Region:
        fetch = partial(
            self._fetch, _announced(descriptor, MAX_DOCUMENT, what), digest(descriptor, "digest", what), what
        )
        return self._downloads.wait(self._downloads.begin(fetch), what)

    def layer(self, layer: Layer, descriptor: Descriptor, what: str) -> TarLayer:
        name, size = digest(descriptor, "digest", what), _announced(descriptor, self._room, what)
        self._room -= size
        foreign = any(word in text(descriptor, "mediaType") for word in _FOREIGN)

        def fetch(into: IO[bytes], check: Check) -> None:
            self._tell(f"fetching {what}, {size / 1e6:.1f} MB")
            try:
                self._fetch(size, name, what, into, check)
            except HttpError as error:
                if foreign and error.status == HTTPStatus.NOT_FOUND:
                    message = f"{what} is kept by its vendor and not by {self._reference.registry}"
                    advice = "push the image with all its layers (in Docker: allow-nondistributable-artifacts)"
                    raise ScanError(message, advice=advice) from None
                raise

        return RemoteLayer(layer, self._downloads, fetch, name, what)

    def _document(self, place: Access, version: str, what: str) -> tuple[bytes, str]:
        """Fetch a manifest by tag or digest; what was asked for by digest has it."""
        response = place.get(f"manifests/{version}", {"Accept": _ACCEPT}, MAX_DOCUMENT)
        told = response.headers.get("docker-content-digest", "")
        for expected in {version, told}:
            if DIGEST.fullmatch(expected) and digest_of(response.body, expected.partition(":")[0]) != expected:
                raise damaged(f"the manifest of {what}")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        if media_type in _OLD:
            raise _too_old(what)
        return response.body, media_type or MANIFESTS[0]

    def _fetch(self, size: int, name: str, what: str, into: IO[bytes], check: Check) -> None:
        """Fetch a blob, which afterwards is what its descriptor says. Where one place broke off the next goes on."""

        def fetch(place: Access) -> None:
            begun = into.seek(0, os.SEEK_END)
            place.download(f"blobs/{name}", into, size, check)
            try:
                verify(into, size, name, what, check)
            except ScanError:
                into.truncate(0)
                if not begun:
                    raise
                fetch(place)  # what another place had sent may have been the fault

        self._from_any(what, fetch)

    def _from_any(self, what: str, ask: Callable[[Access], T]) -> T:
        for place, following in zip(self._places, self._places[1:], strict=False):
            try:
                return ask(place)
            except ScanError as error:
                if type(error) not in {ScanError, HttpError}:  # out of time, or interrupted
                    raise
                self._tell(f"{error.message}; asking {following.place.host} instead of its mirror")
        try:
            return ask(self._places[-1])
        except HttpError as error:
            raise self._explained(error, what) from None

    def _explained(self, error: HttpError, what: str) -> HttpError:
        place = self._places[-1].place
        message, advice = error.message, error.advice
        if error.status == HTTPStatus.NOT_FOUND:
            message = f"{what} is not in the registry {place.host}"
            advice = "check its name and tag; a file is named as docker-archive:FILE, a folder as oci-layout:DIR"
        elif error.status == HTTPStatus.TOO_MANY_REQUESTS:
            advice = f"try again later, log in (docker login {place.registry}), or set SCANGATE_REGISTRY_MIRRORS"
        return HttpError(message, advice=advice, status=error.status, retry_after=error.retry_after)


def _parsed(data: bytes, what: str) -> Any:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ScanError(f"the manifest of {what} is not valid JSON: {str(error)[:200]}") from None
    if isinstance(document, dict) and document.get("schemaVersion") == 1:
        raise _too_old(what)
    return document


def _too_old(what: str) -> ScanError:
    return ScanError(
        f"{what} is in Docker's manifest format of before 2016 (schema 1), which is not read",
        advice="push it again with a current engine: docker pull, then docker push",
    )


def _announced(descriptor: Descriptor, most: int, what: str) -> int:
    size = descriptor.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ScanError(f"{what} has no size in its manifest")
    if size > most:
        raise ScanError(f"{what} has {size} bytes: at most {most} are read")
    return size
