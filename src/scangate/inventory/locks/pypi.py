"""Lock files of Python: Pipfile.lock, poetry.lock, pdm.lock, uv.lock and pylock.toml (PEP 751)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scangate.inventory.documents import read_json, read_toml, required, table, tables, text, texts
from scangate.inventory.locks.lockfile import Declared
from scangate.inventory.locks.requirements import is_elsewhere, name_and_version
from scangate.inventory.registries import normal_name

_LOCAL: Final = ("path", "editable", "virtual", "directory")
_GROUP: Final = re.compile(r"""\s*['"]([\w.-]+)['"]\s+in\s+dependency_groups\s*""")
_PYLOCK: Final = re.compile(r"pylock(?:\.[^.]+)?\.toml")
_DEVELOPMENT: Final = re.compile(r"pylock\.(?:dev|test|tests|docs|lint)\.toml")


def pipfile_lock(data: bytes) -> Iterator[Declared]:
    """https://github.com/pypa/pipfile: `default` is what runs, `develop` what does not."""
    for name, fields in required(read_json(data), "default", dict, "Pipfile.lock").items():
        if not isinstance(fields, dict) or "path" in fields or "file" in fields:
            continue
        if git := text(fields, "git"):
            yield Declared(name, "", commit=text(fields, "ref"), url=git)
        else:
            yield Declared(name, text(fields, "version").lstrip("="))


def poetry_lock(data: bytes) -> Iterator[Declared]:
    for fields in _packages(data, "package", "poetry.lock"):
        groups = texts(fields.get("groups", "main"))
        source = table(fields, "source")
        kind = text(source, "type")
        if text(fields, "category") == "dev" or (groups and "main" not in groups) or kind in {"directory", "file"}:
            continue
        if is_elsewhere(text(fields, "markers")):
            continue
        commit = text(source, "resolved_reference") if kind == "git" else ""
        yield _declared(fields, commit, text(source, "url") if kind == "git" else "")


def pdm_lock(data: bytes) -> Iterator[Declared]:
    for fields in _packages(data, "package", "pdm.lock"):
        groups = texts(fields.get("groups", "default"))
        if "path" in fields or fields.get("editable") is True or (groups and set(groups) <= {"dev", "test", "lint"}):
            continue
        if is_elsewhere(text(fields, "marker")):
            continue
        git = text(fields, "git")
        yield _declared(fields, text(fields, "revision") if git else "", git)


def uv_lock(data: bytes) -> Iterator[Declared]:
    """Which packages are for development is written at the projects that want them: what else leads to them, counts."""
    packages = _packages(data, "package", "uv.lock")
    needed = _needed(packages)
    for fields in packages:
        source = table(fields, "source")
        if any(each in source for each in _LOCAL) or (needed and text(fields, "name") not in needed):
            continue
        url, _hash, commit = text(source, "git").partition("#")
        yield _declared(fields, commit, url.partition("?")[0])


def _needed(packages: Sequence[Mapping[str, Any]]) -> set[str]:
    """Follow what the projects need to run; empty where there is no project."""
    wanted: dict[str, set[str]] = {}
    pending: list[str] = []
    for fields in packages:
        extras = [each for extra in table(fields, "optional-dependencies").values() for each in tables(extra)]
        edges = (*tables(fields.get("dependencies")), *extras)
        names = {text(each, "name") for each in edges if not is_elsewhere(text(each, "marker"))}
        wanted.setdefault(text(fields, "name"), set()).update(names)
        if any(each in table(fields, "source") for each in _LOCAL):
            pending.append(text(fields, "name"))
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending.extend(wanted.get(name, ()))
    return seen


def is_pylock(path: str) -> bool:
    """Tell `pylock.toml` and `pylock.NAME.toml`, but not one for development."""
    name = path[path.rfind("/") + 1 :]
    return _PYLOCK.fullmatch(name) is not None and not _DEVELOPMENT.fullmatch(name)


def pylock(data: bytes) -> Iterator[Declared]:
    """https://packaging.python.org/en/latest/specifications/pylock-toml/."""
    document = read_toml(data)
    usual = texts(document.get("default-groups"))
    for fields in tables(required(document, "packages", list, "pylock.toml")):
        marker = text(fields, "marker")
        group = _GROUP.fullmatch(marker)
        if "directory" in fields or (group and group[1] not in usual) or is_elsewhere(marker):
            continue
        vcs, archive = table(fields, "vcs"), table(fields, "archive")
        if archive and not text(fields, "version"):
            version = name_and_version(text(archive, "url") or text(archive, "path"))[1]
            yield Declared(text(fields, "name"), version)
        else:
            yield _declared(fields, text(vcs, "commit-id"), text(vcs, "url"))


def _packages(data: bytes, key: str, what: str) -> list[Mapping[str, Any]]:
    document = read_toml(data)
    if not document.get(key) and (document.get("metadata") or document.get("version")):
        return []  # a project without dependencies
    return tables(required(document, key, list, what))


def _declared(fields: Mapping[str, Any], commit: str, url: str) -> Declared:
    name = text(fields, "name")
    return Declared(normal_name(name)[:200] if name else "", text(fields, "version"), commit=commit, url=url)
