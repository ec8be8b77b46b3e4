"""What infrastructure code a folder holds, counted by ourselves: checkov does not say what it should have read."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scangate.core.model import Gap
from scangate.scanners.checkov.frameworks import COMPOSE, CONTAINERFILE, FRAMEWORKS, HELM, KUSTOMIZE

IGNORED: Final = (
    *(".git", ".hg", ".svn", ".idea", ".mypy_cache", ".pytest_cache", ".tox", ".venv", "venv", "node_modules"),
    *(".serverless", ".terraform", ".terragrunt-cache"),
)
"""Folders of tools and of other people's code. They are left out by name, at any depth."""
HEAD: Final = 2 * 2**20
"""Bytes of a file that are read to recognise it."""
_COMMENT: Final = re.compile(r"\s*(?:(?:#|//|---)[^\n]*|/\*.*?\*/)", re.DOTALL)
_UNSUPPORTED: Final = {
    HELM: ("kubernetes", "is a Helm chart: it would have to be rendered, which needs the helm binary"),
    KUSTOMIZE: ("kubernetes", "is a Kustomize overlay: it would have to be rendered, which needs the kustomize binary"),
    CONTAINERFILE: ("dockerfile", "checkov only reads it under the name Dockerfile"),
}


@dataclass(slots=True, kw_only=True)
class Census:
    """Paths are absolute. `owned`: file to the frameworks it is plainly meant for; `documents`: Kubernetes', in it.

    `closed`: what checkov must not open, because it would stumble or wait for ever. `searched`: what was only read for
    secrets, filled where nothing else is wanted.
    """

    owned: dict[str, frozenset[str]] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    charts: list[str] = field(default_factory=list)
    compose: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    frameworks: set[str] = field(default_factory=set)
    gaps: dict[str, str] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)


def take(base: Path, wanted: Iterable[str], skip: Iterable[re.Pattern[str]], check: Callable[[], None]) -> Census:
    """Walk a folder, or look at one file. `check` is called for every file and may raise to end it."""
    census = Census()
    wanted, skip = sorted(wanted), tuple(skip)
    for path in _files(base, skip, census):
        check()
        _look(path, wanted, census)
    return census


def skipping(base: Path, globs: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Patterns of absolute paths. A glob is relative to `base`; `**/` is any depth; a folder stands for all in it."""
    return tuple(re.compile(rf"^{re.escape(f'{base}/')}{_regex(glob.strip('/'))}(?:/|$)") for glob in sorted(globs))


def exactly(paths: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Patterns of just these absolute paths."""
    return tuple(re.compile(rf"^{re.escape(path)}$") for path in sorted(paths))


def _regex(glob: str) -> str:
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(words.get(part) or re.escape(part) for part in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob))


def _files(base: Path, skip: tuple[re.Pattern[str], ...], census: Census) -> Iterator[str]:
    def unreadable(error: OSError) -> None:
        census.gaps[str(error.filename)] = f"cannot be read: {error.strerror}"

    def kept(folder: str, names: list[str]) -> list[str]:
        paths = {name: os.path.join(folder, name) for name in sorted(names) if name not in IGNORED}  # noqa: PTH118 - hot
        out = {name for name, path in paths.items() if any(pattern.search(path) for pattern in skip)}
        census.left_out += (paths[name] for name in out)
        return [name for name in paths if name not in out]

    if base.is_file():
        yield str(base)
        return
    for folder, folders, names in os.walk(base, onerror=unreadable):
        folders[:] = kept(folder, folders)
        yield from (f"{folder}/{name}" for name in kept(folder, names))


def _look(path: str, wanted: list[str], census: Census) -> None:
    _set_apart(path, wanted, census)
    readers = [name for name in wanted if FRAMEWORKS[name].may_read(path)]
    if not readers:
        return
    try:
        text = head(path)
    except OSError as error:
        census.closed.append(path)
        if not isinstance(error, FileNotFoundError):  # a link to nothing holds nothing
            census.gaps[path] = f"cannot be read: {error.strerror or error}"
        return
    census.frameworks.update(readers)
    if wanted == ["secrets"]:
        census.searched.append(path)
    owners = frozenset(name for name in readers if FRAMEWORKS[name].owns(path, text))
    if owners and path not in census.gaps and _says_anything(text):
        census.owned[path] = owners
        if "kubernetes" in owners and not path.endswith(".json") and len(text) < HEAD:
            census.documents[path] = min(len(re.findall(rf"(?m)^{key}\s*:", text)) for key in ("apiVersion", "kind"))


def _set_apart(path: str, wanted: list[str], census: Census) -> None:
    """Note what nobody here can check."""
    if COMPOSE.search(path):
        census.compose.append(path)
    for pattern, (framework, reason) in _UNSUPPORTED.items():
        if framework in wanted and pattern.search(path):
            census.gaps[path] = reason
            if pattern is HELM:
                census.charts.append(path.rpartition("/")[0])


def _says_anything(text: str) -> bool:
    """False for a file of nothing but comments."""
    position = 0
    while comment := _COMMENT.match(text, position):
        position = comment.end()
    return bool(text[position:].strip())


def head(path: str) -> str:
    """The first part of a regular file, as text. Raises OSError."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - hot
        raise OSError("it is not a regular file")
    with open(path, "rb") as file:  # noqa: PTH123 - hot
        return file.read(HEAD).decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def as_gaps(census: Census, name: Callable[[str], str]) -> Iterator[Gap]:
    """The gaps that the census itself found, by path."""
    for path, reason in sorted(census.gaps.items()):
        yield Gap(what=name(path), reason=reason)
