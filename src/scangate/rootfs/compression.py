"""Layers as they are packed: gzip, zstd or plain, told apart by their first bytes as the engines do."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from scangate.errors import ScanError
from scangate.rootfs.limits import BLOCK

try:  # twice as fast, and decompressing is what opening an image mostly is
    from zlib_ng import zlib_ng as zlib
except ImportError:
    import zlib  # type: ignore[no-redef]

if TYPE_CHECKING:
    from scangate.rootfs.stream import Region, Source

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
_OTHERS: Final = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip"}
_SMALL: Final = 2**12
_MAX_WINDOW: Final = 2**27


class _Form(NamedTuple):
    """How one compression is undone. `begin` makes the object for one member; `step` feeds it, and bounds its output.

    `starts` are the bytes a member may begin with. `feed`: bytes given at a time, once members follow each other.
    """

    name: str
    starts: bytes
    feed: int
    begin: Callable[[], Any]
    step: Callable[[Any, memoryview | bytes], bytes]
    error: type[Exception]


def decompressed(region: "Region", source: "Source") -> "Source":
    """Wrap `source`, which reads all of `region`. Raises ScanError for a compression that images do not have."""
    start = region.start(8)
    if start.startswith(GZIP):
        return _Packed(source, _gzip(), region.what)
    if start.startswith(ZSTD):
        return _Packed(source, _zstd(region.what), region.what)
    for magic, name in _OTHERS.items():
        if start.startswith(magic):
            raise ScanError(f"{region.what} is packed with {name}: expected gzip, zstd or a plain tar")
    return source


def _gzip() -> _Form:
    return _Form(
        name="gzip",
        starts=GZIP[:1],
        feed=BLOCK,
        begin=lambda: zlib.decompressobj(31),
        step=lambda member, piece: member.decompress(piece, 4 * BLOCK),
        error=cast("type[Exception]", zlib.error),
    )


def _zstd(what: str) -> _Form:
    try:
        import zstandard
    except ImportError:
        raise ScanError(
            f"{what} is packed with zstd, which this installation cannot read",
            advice="install the Python package zstandard, or build the image with gzip layers",
        ) from None
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    return _Form(
        name="zstd",
        starts=ZSTD[:1] + bytes(range(0x50, 0x60)),  # the others begin what is to be skipped, as zstd:chunked has it
        feed=_SMALL,  # three bytes can become 128 KiB, and there is no asking for less
        begin=decompressor.decompressobj,
        step=lambda member, piece: member.decompress(piece),
        error=zstandard.ZstdError,
    )


class _Packed:
    """One compressed member after another, at most a bounded amount at a time however well it is packed."""

    def __init__(self, source: "Source", form: _Form, what: str) -> None:
        self._source = source
        self._form = form
        self._what = what
        self._feed = form.feed
        self._left = memoryview(b"")
        self._member: Any = None
        self._ended = False

    def block(self) -> bytes:
        while not self._ended:
            if not self._left:
                self._left = memoryview(self._source.block())
            if self._member is None:
                # Padding after the last member is nobody's; what else it might be, no engine unpacks.
                self._ended = not self._left or self._left[0] not in self._form.starts
                self._member = self._form.begin()
            elif data := self._step():
                return data
        return b""

    def skip(self, _size: int) -> int:
        return 0

    def _step(self) -> bytes:
        piece = self._left[: self._feed]
        try:
            data = self._form.step(self._member, piece)
        except self._form.error as error:
            raise ScanError(f"{self._what} is not valid {self._form.name} data: {error}") from None
        if self._member.eof:
            unused = len(self._member.unused_data)
            self._member = None
            # What is left over is copied for each member, of which there may be thousands.
            self._feed = _SMALL
        elif not piece and not data:
            raise ScanError(f"{self._what} is cut off: its {self._form.name} data has no end")
        else:
            unused = len(getattr(self._member, "unconsumed_tail", b""))
            self._feed = self._form.feed
        self._left = self._left[len(piece) - unused :]
        return data
