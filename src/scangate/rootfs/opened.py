"""A blob as a stream: hashed and decompressed in other threads, while what came before is read in this one."""

import contextlib
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from scangate.errors import ScanError
from scangate.rootfs.compression import decompressed
from scangate.rootfs.stream import Region, Source, Stream, damaged

_AHEAD: Final = 4
"""Blocks that may wait to be hashed, or to be read."""


@contextlib.contextmanager
def opened(region: Region, digest: str = "", unpacked: str = "") -> Iterator[Stream]:
    """Read a blob, decompressed when it is compressed.

    With a `digest` the whole blob is compared with it at the end; with `unpacked`, what it unpacks to.
    Raises ScanError: a wrong digest (which outranks what went wrong because of it), broken or unknown compression.
    """
    with ThreadPoolExecutor(max_workers=1) as pool, ThreadPoolExecutor(max_workers=1) as unpacking:
        hashed: list[_Hashed] = []

        def watched(source: Source, expected: str) -> Source:
            if expected:
                source = _Hashed(source, expected, pool, region.what)
                hashed.insert(0, source)
            return source

        plain = watched(region, digest)
        source = decompressed(region, plain)
        ahead = _Ahead(source, unpacking) if source is not plain else None
        try:
            yield Stream(watched(ahead or source, unpacked), what=region.what, check=region.check)
        except ScanError as error:
            if type(error) is ScanError:  # not out of time, nor interrupted
                _verify(ahead, reversed(hashed))
            raise
        _verify(ahead, hashed)


def _verify(ahead: "_Ahead | None", hashed: Iterable["_Hashed"]) -> None:
    if ahead:
        ahead.stop()
    for each in hashed:
        each.verify()


class _Hashed:
    """Hashes in another thread while the bytes are used in this one: each takes about as long."""

    def __init__(self, source: Source, digest: str, pool: ThreadPoolExecutor, what: str) -> None:
        algorithm, _colon, self._expected = digest.partition(":")
        self._source = source
        self._what = what
        self._hash = hashlib.new(algorithm)
        self._pool = pool
        self._pending: deque[Future[None]] = deque()

    def block(self) -> bytes:
        data = self._source.block()
        while len(self._pending) > (_AHEAD if data else 0):
            self._pending.popleft().result()
        if data:
            self._pending.append(self._pool.submit(self._hash.update, data))
        return data

    def skip(self, _size: int) -> int:
        return 0

    def verify(self) -> None:
        while self.block():
            pass
        if self._hash.hexdigest() != self._expected:
            raise damaged(self._what)


class _Ahead:
    """Decompresses in another thread while what came before is read in this one."""

    def __init__(self, source: Source, pool: ThreadPoolExecutor) -> None:
        self._source = source
        self._pool = pool
        self._stopped = False
        self._pending = deque(pool.submit(source.block) for _each in range(_AHEAD))

    def block(self) -> bytes:
        if not self._pending:
            return self._source.block()
        data = self._pending.popleft().result()
        if data and not self._stopped:
            self._pending.append(self._pool.submit(self._source.block))
        return data

    def skip(self, _size: int) -> int:
        return 0

    def stop(self) -> None:
        """Wait until nothing is read in the other thread any more."""
        self._stopped = True
        wait(self._pending)
