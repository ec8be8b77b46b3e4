"""A layer in a blob."""

from collections.abc import Callable

from scangate.rootfs.image import Layer
from scangate.rootfs.layer import LayerTree
from scangate.rootfs.opened import opened
from scangate.rootfs.stream import Region
from scangate.rootfs.unpacking import unpack


class TarLayer:
    """A layer in a blob, which `region` fetches when the layer is read and not before.

    `key`: the digest that its content has been compared with once it is read: of the blob (`digest`), or of what it
    unpacks to (`unpacked`), or of neither where `region` has seen to that.
    """

    def __init__(
        self, layer: Layer, region: Callable[[], Region], key: str, *, digest: str = "", unpacked: str = ""
    ) -> None:
        self.layer = layer
        self.key = key
        self._region = region
        self._digest = digest
        self._unpacked = unpacked

    def begin(self) -> None:
        """Have it fetched, if it has to be, while others are read. Only for one that will be read: it is not cached."""

    def read(self, tree: LayerTree) -> None:
        with opened(self._region(), self._digest, self._unpacked) as stream:
            unpack(stream, tree)
