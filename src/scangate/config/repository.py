"""The root of the repository: what the paths in reports are relative to, and GitHub and GitLab expect them to be."""

from pathlib import Path


def find_root(folder: Path) -> Path:
    """The nearest folder at or above that holds `.git`; the folder itself where there is none."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def within(root: Path, path: Path) -> str:
    """The path relative to the root, with forward slashes; absolute when it lies outside."""
    absolute = path.resolve()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()
