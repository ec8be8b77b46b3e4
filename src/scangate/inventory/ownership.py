"""Under which names a distribution's lists of files may know a path: `/lib/x` where the file is `usr/lib/x`."""

from collections.abc import Iterable

from scangate.rootfs.files import Files

_LINKED = ("bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr/lib64", "usr/sbin")
"""Folders that are links in distributions which have merged them."""


def names_of(files: Files, paths: Iterable[str]) -> dict[str, str]:
    """Return the path that each possible name stands for. Names have no slash in front, as paths."""
    names = {path: path for path in paths}
    for short in _LINKED:
        if (real := files.real(short)) not in {"", short}:
            inside = [path for path in names if path.startswith(f"{real}/")]
            names.update({f"{short}{path[len(real) :]}": names[path] for path in inside})
    return names
