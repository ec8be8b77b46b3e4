"""Blobs on their way to a temporary file without a name: two at a time, and each compared with its digest."""

import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack
from typing import IO, Final

from scangate.errors import CancelledError, ScanError
from scangate.rootfs.blobs import unnamed
from scangate.rootfs.image import Layer
from scangate.rootfs.sources import TarLayer
from scangate.rootfs.stream import Check, Region, damaged

PARALLEL: Final = 2
_POLL: Final = 0.1
Fetch = Callable[[IO[bytes], Check], None]


class Downloads:
    """Fetches in other threads; what was fetched lasts as long as `resources` do."""

    def __init__(self, check: Check, resources: ExitStack) -> None:
        self.check = check
        self._over = threading.Event()
        self._files = resources.enter_context(ExitStack())
        self._pool = ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="layer")
        resources.callback(self._close)

    def begin(self, fetch: Fetch) -> "Future[tuple[IO[bytes], int]]":
        return self._pool.submit(self._fetched, fetch)

    def wait(self, fetched: "Future[tuple[IO[bytes], int]]", what: str) -> Region:
        while True:
            self.check()
            try:
                file, size = fetched.result(timeout=_POLL)
            except NotYet:
                if fetched.done():  # it is the fetching that timed out
                    raise
                continue
            return Region(file.fileno(), 0, size, what=what, check=self.check)

    def _fetched(self, fetch: Fetch) -> tuple[IO[bytes], int]:
        def check() -> None:
            if self._over.is_set():
                raise CancelledError("not needed any more")
            self.check()

        check()
        file = unnamed(self._files)
        fetch(file, check)
        file.flush()
        return file, file.seek(0, os.SEEK_END)

    def _close(self) -> None:
        self._over.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


class RemoteLayer(TarLayer):
    """A layer that is fetched when it is read, or from `begin` on. `key` is its blob's digest, compared on arrival."""

    def __init__(self, layer: Layer, downloads: Downloads, fetch: Fetch, key: str, what: str) -> None:
        super().__init__(layer, self._arrived, key)
        self._downloads = downloads
        self._fetch = fetch
        self._what = what
        self._fetched: Future[tuple[IO[bytes], int]] | None = None

    def begin(self) -> None:
        self._fetched = self._fetched or self._downloads.begin(self._fetch)

    def _arrived(self) -> Region:
        self.begin()
        assert self._fetched  # noqa: S101 - for the type checker
        return self._downloads.wait(self._fetched, self._what)


def verify(file: IO[bytes], size: int, digest: str, what: str, check: Check) -> None:
    """Compare a whole file with what was announced of it. Raises ScanError."""
    if (there := file.seek(0, os.SEEK_END)) != size:
        raise ScanError(f"{what} has {there} bytes where {size} were announced", advice="push the image again")
    algorithm, _colon, expected = digest.partition(":")
    hashed = hashlib.new(algorithm)
    file.seek(0)
    while data := file.read(2**20):
        check()
        hashed.update(data)
    if hashed.hexdigest() != expected:
        raise damaged(what)
