"""Downloads that may break off: what arrived stays in the home, and the next sync goes on with it."""

import contextlib
import hashlib
import io
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final

from scangate import http
from scangate.advisories import archive

MAX_DOWNLOAD: Final = 4 * 2**30
FOLDER: Final = "sync"
_SECONDS: Final = 3_600.0
_FORGOTTEN: Final = 7 * 86_400.0
"""Seconds after which nobody goes on with what broke off."""


@contextlib.contextmanager
def downloaded(
    url: str, home: Path, headers: Mapping[str, str], check: Callable[[], None]
) -> Iterator[tuple[http.Response, IO[bytes]]]:
    """Fetch a zip archive. Raises HttpError.

    Its table of contents, which comes last, has a checksum of each record. So where the archive changed between the two
    downloads that it was put together from, that is noticed, and it is fetched again as a whole.
    """
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:24]}.part"
    _forget(folder)
    try:
        with path.open("r+b" if path.exists() else "w+b") as stream:
            begun = stream.seek(0, io.SEEK_END) > 0
            answer = _fetch(url, stream, headers, check)
            if begun and answer.status != HTTPStatus.NOT_MODIFIED and not archive.is_sound(stream, check):
                stream.truncate(0)
                answer = _fetch(url, stream, headers, check)
            path.unlink()  # it is complete; open, it stays readable
            stream.seek(0)
            yield answer, stream
    except http.HttpError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            path.unlink(missing_ok=True)
        raise
    finally:
        if path.exists() and not path.stat().st_size:
            path.unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()


def _fetch(url: str, stream: IO[bytes], headers: Mapping[str, str], check: Callable[[], None]) -> http.Response:
    stream.seek(0)
    limits = http.Limits(deadline=_SECONDS)
    return http.download(url, stream, headers=headers, max_bytes=MAX_DOWNLOAD, limits=limits, check=check, resume=True)


def _forget(folder: Path) -> None:
    for each in folder.glob("*.part"):
        if time.time() - each.stat().st_mtime > _FORGOTTEN:
            each.unlink(missing_ok=True)
