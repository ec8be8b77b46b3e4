"""The view itself: reads the layers once, and puts them on top of each other."""

from collections.abc import Callable

from scangate.rootfs.address import ImageAddress
from scangate.rootfs.files import Files
from scangate.rootfs.image import Config, Layer


class RootFs:
    """An open image or directory. `address` is the parsed one; `layers` counts from the bottom."""

    address: ImageAddress
    config: Config
    layers: tuple[Layer, ...]

    def files(self, wanted: Callable[[str], bool]) -> Files:
        """Read every layer once, and keep the content of the regular files whose path is wanted, in every layer.

        `wanted` is asked for every path, so it must be cheap. A path is given without links in it (`usr/lib/x`, not
        `lib/x`), and then by every name a link to its folder gives it, until one is wanted. Files of up to 1 GiB can be
        asked for: large ones are kept on disk, in a file without a name. Raises ScanError.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Give back the open files, and all contents."""

    def __enter__(self) -> "RootFs":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
