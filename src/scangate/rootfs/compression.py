"""Layers as they are packed: gzip, zstd or plain, told apart by their first bytes as the engines do."""

from typing import TYPE_CHECKING, Any, Final, cast

from scangate.errors import ScanError
from scangate.rootfs.limits import BLOCK

try:  # twice as fast, and decompressing is what opening an image mostly is
    from zlib_ng import zlib_ng as zlib
except ImportError:
    import zlib  # type: ignore[no-redef]
_Error = cast("type[Exception]", zlib.error)

if TYPE_CHECKING:
    from scangate.rootfs.stream import Region, Source

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
_OTHERS: Final = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip"}
_SMALL: Final = 2**15
_MAX_WINDOW: Final = 2**27


def decompressed(region: "Region", source: "Source") -> "Source":
    """Wrap `source`, which reads all of `region`. Raises ScanError for a compression that images do not have."""
    start = region.start(8)
    if start.startswith(GZIP):
        return _Gzip(source, region.what)
    if start.startswith(ZSTD):
        return _Zstd(source, region.what)
    for magic, name in _OTHERS.items():
        if start.startswith(magic):
            raise ScanError(f"{region.what} is packed with {name}: expected gzip, zstd or a plain tar")
    return source


class _Gzip:
    """One gzip member after another, at most 1 MiB at a time however well it is packed."""

    def __init__(self, source: "Source", what: str) -> None:
        self._source = source
        self._what = what
        self._packed = memoryview(b"")
        self._inflate = zlib.decompressobj(31)
        self._fresh = True
        self._feed = BLOCK

    def block(self) -> bytes:
        while True:
            if not self._packed and not self._refill():
                return self._last()
            piece, rest = self._packed[: self._feed], self._packed[self._feed :]
            data = self._step(piece)
            unused = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            self._packed = self._packed[len(piece) - len(unused) :] if unused else rest
            self._fresh = False
            # What is left over is copied at the end of each member, of which there may be thousands: small pieces then.
            self._feed = _SMALL if self._inflate.eof else BLOCK
            if self._inflate.eof:
                self._again()
            if data:
                return data

    def skip(self, _size: int) -> int:
        return 0

    def _refill(self) -> bool:
        self._packed = memoryview(self._source.block())
        return bool(self._packed)

    def _again(self) -> None:
        self._inflate = zlib.decompressobj(31)
        self._fresh = True
        # Padding after the last member is nobody's; what else it might be, no engine unpacks.
        if self._packed and self._packed[:1] != GZIP[:1]:
            self._packed = memoryview(b"")
            while self._source.block():
                pass

    def _last(self) -> bytes:
        if self._fresh:
            return b""
        data = self._step(b"")
        if not data and not self._inflate.eof:
            raise ScanError(f"{self._what} is cut off: its gzip data has no end")
        return data

    def _step(self, piece: memoryview | bytes) -> bytes:
        try:
            return self._inflate.decompress(piece, 4 * BLOCK)
        except _Error as error:
            raise ScanError(f"{self._what} is not valid gzip data: {error}") from None


class _Zstd:
    """Frames of zstd, and the skippable ones that zstd:chunked adds. A window of up to 128 MiB."""

    def __init__(self, source: "Source", what: str) -> None:
        try:
            import zstandard
        except ImportError:
            raise ScanError(
                f"{what} is packed with zstd, which this installation cannot read",
                advice="install the Python package zstandard, or build the image with gzip layers",
            ) from None
        self._source = source
        self._what = what
        self._error: type[Exception] = zstandard.ZstdError
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        reader: Any = self  # all it needs is `read`
        self._frames = decompressor.stream_reader(reader, read_size=BLOCK, read_across_frames=True)

    def read(self, _size: int = -1) -> bytes:
        return self._source.block()

    def block(self) -> bytes:
        try:
            data: bytes = self._frames.read(4 * BLOCK)
        except self._error as error:
            raise ScanError(f"{self._what} is not valid zstd data: {error}") from None
        return data

    def skip(self, _size: int) -> int:
        return 0
