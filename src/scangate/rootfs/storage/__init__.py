"""Images that podman, buildah and CRI-O keep on this machine, read in place and without them.

    roots.py    where that storage is
    image.py    an image and its layers in it
    layers.py   the folders of layers, as overlay and vfs keep them

https://github.com/containers/storage
"""

from scangate.rootfs.storage.image import open_image

__all__ = ["open_image"]
