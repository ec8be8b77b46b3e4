"""An image that Docker, or podman's service, holds: it hands it out as an archive, over a socket of this machine.

https://docs.docker.com/reference/api/engine/version/v1.45/#tag/Image/operation/ImageGet
"""

import json
import os
import re
import stat
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from scangate import http
from scangate.errors import ScanError
from scangate.rootfs.blobs import unnamed
from scangate.rootfs.documents import text
from scangate.rootfs.limits import MAX_BLOB, MAX_DOCUMENT
from scangate.rootfs.stream import Check, Region

_ID: Final = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_LOOPBACK: Final = re.compile(r"(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d{1,5})?")
_USUAL: Final = ("/var/run/docker.sock", "/run/podman/podman.sock")
_ASK: Final = http.Limits(deadline=60, tries=2)
_EXPORT: Final = http.Limits(deadline=3600, read=300, tries=1)
"""The engine may pack for minutes before the first byte."""
_ADVICE: Final = "start it, set DOCKER_HOST, or save the image: docker save -o image.tar NAME, docker-archive:image.tar"


def export(name: str, *, what: str, check: Check, tell: Callable[[str], None], resources: ExitStack) -> Region:
    """Have an image written to a temporary file that lasts as long as `resources`. Raises ScanError."""
    base, socket = _engine(what)
    try:
        answer = http.get(
            f"{base}/images/{quote(name, safe='/:@')}/json",
            max_bytes=MAX_DOCUMENT,
            limits=_ASK,
            check=check,
            socket=socket,
        )
        identity = _identity(answer.body, what)
        tell(f"exporting {what} from the engine")
        file = unnamed(resources)
        url = f"{base}/images/{identity}/get"
        done = http.download(url, file, max_bytes=MAX_BLOB, limits=_EXPORT, check=check, socket=socket)
    except http.HttpError as error:
        raise _explained(error, what, socket or base) from None
    file.flush()
    return Region(file.fileno(), 0, done.size, what=what, check=check)


def _engine(what: str) -> tuple[str, str]:
    """Return the address of the engine's API, and its socket if it has one."""
    host = os.environ.get("DOCKER_HOST", "")
    if not host:
        return "http://localhost", _usual(what)
    scheme, _colon, rest = host.partition("://")
    if scheme == "unix" and rest:
        return "http://localhost", rest if rest.startswith("/") else f"/{rest}"
    if scheme in {"tcp", "http"} and _LOOPBACK.fullmatch(netloc := urlsplit(f"http://{rest}").netloc):
        return f"http://{netloc}", ""
    raise ScanError(
        f"{what}: DOCKER_HOST is {host[:200]!r}, which is not asked: only sockets and ports of this machine are",
        advice="save the image there: docker save -o image.tar NAME, then docker-archive:image.tar",
    )


def _usual(what: str) -> str:
    """Where Docker and podman put their sockets: those of this user first."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    usual = [f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"] if runtime else []
    usual += _USUAL
    for path in usual:
        try:
            if stat.S_ISSOCK(os.stat(path).st_mode):  # noqa: PTH116
                return path
        except OSError:
            continue
    raise ScanError(f"{what}: no engine runs here: there is no socket at {', '.join(usual)}", advice=_ADVICE)


def _identity(body: bytes, what: str) -> str:
    """The image is exported by its id: by a name with no tag, Docker exports all of that name."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    found = text(document, "Id") if isinstance(document, dict) else ""
    if _ID.fullmatch(found):
        return found
    raise ScanError(f"{what}: the engine did not say which image that is", advice="save the image to a file")


def _explained(error: http.HttpError, what: str, engine: str) -> ScanError:
    if error.status == HTTPStatus.NOT_FOUND:
        return ScanError(f"{what}: the engine at {engine} has no such image", advice="check its name: docker images")
    if error.status:
        return ScanError(f"{what}: the engine at {engine} answered {error.status}", advice=_ADVICE)
    return ScanError(f"{what}: the engine at {engine} cannot be asked: {error.message}", advice=_ADVICE)
