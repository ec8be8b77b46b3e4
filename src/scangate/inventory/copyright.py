"""Licences of Debian's packages: their short names in machine-readable copyright files.

https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/. The files have 20 KiB on average and up to 800 of
them are in an image, so that only the names are kept while a layer is read. What is not machine-readable says nothing.
"""

import re
from collections.abc import Mapping
from typing import Final

from scangate.rootfs.files import Files
from scangate.rootfs.reading import Looked

_HOME: Final = "usr/share/doc/"
_FILE: Final = "/copyright"
_LARGEST: Final = 2**20
_MOST: Final = 64
"""Licences of one package: the most are those of the kernel and of browsers, each with some dozens."""
_FORMAT: Final = (b"copyright-format", b"dep5")
"""In the first line's address: that of the standard, or of its drafts."""
_FIELD: Final = b"\nLicense:"
_NAME: Final = re.compile(rb"[!-~][ -~]{0,199}")


def is_copyright(path: str, size: int) -> bool:
    """Tell whether this is a copyright file: asked for every path there is."""
    return path.startswith(_HOME) and path.endswith(_FILE) and path.count("/") == 4 and size <= _LARGEST  # noqa: PLR2004


def licence_names(file: Looked) -> bytes:
    """Return the names of a file's licences, one a line."""
    first = file.head.lstrip().split(b"\n", 1)[0].lower()
    if not any(each in first for each in _FORMAT):
        return b""
    # Five times as fast as an expression that looks for the lines.
    lines = {part.partition(b"\n")[0].strip() for part in file.read().split(_FIELD)[1:]}
    return b"\n".join(sorted(filter(_NAME.fullmatch, lines))[:_MOST])


def licences(files: Files, kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return the licences by the name of the folder, which is that of the package. `kind` is the extractor's name."""
    return {
        each.path[len(_HOME) : -len(_FILE)]: tuple(each.data.decode("ascii", "replace").split("\n"))
        for each in files.extracts(kind)
    }
