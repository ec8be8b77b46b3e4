"""A blob as a stream: decompressed, and hashed in another thread while it is read in this one."""

import contextlib
import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from scangate.errors import ScanError
from scangate.rootfs.compression import decompressed
from scangate.rootfs.stream import Region, Source, Stream, damaged

_AHEAD: Final = 4
"""Blocks that may wait to be hashed."""


@contextlib.contextmanager
def opened(region: Region, digest: str = "", unpacked: str = "") -> Iterator[Stream]:
    """Read a blob, decompressed when it is compressed.

    With a `digest` the whole blob is compared with it at the end; with `unpacked`, what it unpacks to.
    Raises ScanError: a wrong digest (which outranks what went wrong because of it), broken or unknown compression.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        hashed: list[_Hashed] = []

        def watched(source: Source, expected: str) -> Source:
            if expected:
                source = _Hashed(source, expected, pool, region.what)
                hashed.insert(0, source)
            return source

        # Decompressing in a thread of its own was tried, and is no faster: the threads wait for the interpreter's lock.
        source = decompressed(region, watched(region, digest))
        try:
            yield Stream(watched(source, unpacked), what=region.what, check=region.check)
        except ScanError as error:
            if type(error) is ScanError:  # not out of time, nor interrupted
                for each in reversed(hashed):
                    each.verify()
            raise
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
