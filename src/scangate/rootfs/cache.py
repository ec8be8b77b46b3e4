"""What was kept of a layer, kept for the next run: a file for each layer, by the layer's digest.

Only what was compared with its digest is stored, so an image cannot lie about its layers to a later scan. Whoever may
write to the folder can: it is as trustworthy as the place it is kept in (docs/images.md). Nothing here is executable,
and a file that is damaged is read as if it were not there.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

import zstandard

from scangate.rootfs.contents import Contents
from scangate.rootfs.frozen import freeze, thaw
from scangate.rootfs.layer import LayerTree
from scangate.rootfs.limits import MAX_CACHED

FORMAT: Final = b"scangate layer 1\n"
ROOM: Final = 2 * 2**30
"""Bytes of the whole cache. Beyond it what was not used for longest goes."""
_LOCKS: Final = 64
_POLL: Final = 0.05
_LEVEL: Final = 3
_ENDING: Final = ".layer"


class LayerCache:
    """A folder of layers. `folder` is None where nothing is to be cached, or cannot be written."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def holds(self, layer: str, reading: str) -> bool:
        """Tell whether a layer can probably be loaded: it may still turn out to be damaged."""
        return bool(layer) and self._folder is not None and (self._folder / _name(layer, reading)).is_file()

    @contextlib.contextmanager
    def entry(
        self, layer: str, reading: str, more: frozenset[str], check: Callable[[], None]
    ) -> Iterator["CachedLayer"]:
        """Give the place of one layer as one reading sees it, to nobody else until this ends.

        Two scans of one image ask for the same layers at the same time: one of them reads, the other waits.
        """
        if not layer or self._folder is None or not _made(self._folder):
            yield CachedLayer(None, check)
            return
        name = _name(layer, reading, more)
        with _alone(self._folder / f"lock-{int(name[:8], 16) % _LOCKS}", check):
            yield CachedLayer(self._folder / name, check)


class CachedLayer:
    """One file of the cache, which need not be there."""

    def __init__(self, path: Path | None, check: Callable[[], None]) -> None:
        self._path = path
        self._check = check

    def load(self, index: int, contents: Contents, room: int) -> LayerTree | None:
        """Read what is kept, for the layer at this index; None when there is nothing that can be used."""
        if self._path is None or not self._path.is_file():
            return None
        try:
            with self._path.open("rb") as file:
                if file.read(len(FORMAT)) != FORMAT:
                    return None
                digest = file.read(32)
                stream = _Hashing(zstandard.ZstdDecompressor().stream_reader(file))
                document = json.loads(stream.read(int.from_bytes(stream.read(8))))
                tree = thaw(document, stream.read, index, contents, room)
                if stream.digest() != digest:
                    return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, zstandard.ZstdError):
            return None
        self._check()
        with contextlib.suppress(OSError):
            os.utime(self._path)
        return tree

    def store(self, tree: LayerTree) -> None:
        """Keep what was read. A cache that cannot be written is only slower."""
        if self._path is None or tree.refused:
            return
        document, contents, size = freeze(tree)
        if size > MAX_CACHED:
            return
        with contextlib.suppress(OSError):
            with tempfile.NamedTemporaryFile(dir=self._path.parent, prefix="new-", delete=False) as file:
                try:
                    self._write(file, json.dumps(document, separators=(",", ":")).encode(), contents)
                    file.close()
                    Path(file.name).replace(self._path)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            _make_room(self._path.parent)

    def _write(self, file: IO[bytes], document: bytes, contents: Iterator[bytes]) -> None:
        file.write(FORMAT + bytes(32))
        hashed = hashlib.sha256()
        with zstandard.ZstdCompressor(level=_LEVEL).stream_writer(file, closefd=False) as packed:
            for part in (len(document).to_bytes(8), document, *contents):
                self._check()
                hashed.update(part)
                packed.write(part)
        file.seek(len(FORMAT))
        file.write(hashed.digest())


class _Hashing:
    def __init__(self, source: zstandard.ZstdDecompressionReader) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        if size > MAX_CACHED:
            raise ValueError("no such size is ever written")
        parts: list[bytes] = []
        while size:
            part = self._source.read(size)
            if not part:
                raise ValueError("cut off")
            self._hash.update(part)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def digest(self) -> bytes:
        return self._hash.digest()


def _name(layer: str, reading: str, more: frozenset[str] = frozenset()) -> str:
    whole = "\n".join([layer, reading, *sorted(more)]).encode(errors="surrogateescape")
    return hashlib.sha256(whole).hexdigest() + _ENDING


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


@contextlib.contextmanager
def _alone(path: Path, check: Callable[[], None]) -> Iterator[None]:
    with path.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                check()
                time.sleep(_POLL)
        yield


def _make_room(folder: Path) -> None:
    files = sorted(((each.stat(), each) for each in folder.glob(f"*{_ENDING}")), key=lambda file: file[0].st_mtime)
    total = sum(facts.st_size for facts, _path in files)
    for facts, path in files:
        if total <= ROOM:
            return
        path.unlink(missing_ok=True)
        total -= facts.st_size
