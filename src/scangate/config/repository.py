"""The root of the repository: what the paths in reports are relative to, and GitHub and GitLab expect them to be."""

import os
from pathlib import Path


def find_root(folder: Path) -> Path:
    """The nearest folder at or above that holds `.git`; the folder itself where there is none."""
    folder = real(folder)
    return next((each for each in (folder, *folder.parents) if exists(each / ".git")), folder)


def within(root: Path, path: Path) -> str:
    """The path relative to the root, with forward slashes; absolute when it lies outside."""
    absolute = real(path)
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()


def real(path: Path) -> Path:
    """Follow the links of a path as far as they lead. Unlike Path.resolve, a loop is no error."""
    return Path(os.path.realpath(path))


def exists(path: Path) -> bool:
    """Whether something is there; unlike Path.exists, a name that is too long or a locked folder is no error."""
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: Path) -> bool:
    """The same for a file."""
    return os.path.isfile(path)  # noqa: PTH113
