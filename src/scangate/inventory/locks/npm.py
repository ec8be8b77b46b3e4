"""package-lock.json and npm-shrinkwrap.json, as npm documents them.

Versions 2 and 3 list folders (`packages`), version 1 a tree of names (`dependencies`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.inventory.documents import read_json, required, table, text, texts
from scangate.inventory.locks.lockfile import Declared

_FOLDER: Final = "node_modules/"
_ALIAS: Final = re.compile(r"npm:(.+)@([^@]+)")
_GIT: Final = re.compile(r"(?:git[+:@]|github:|gitlab:|bitbucket:|ssh:)")
_LOCAL: Final = ("file:", "link:", "workspace:", "portal:")
_MAX_LEVELS: Final = 200


def package_lock(data: bytes) -> Iterator[Declared]:
    document = read_json(data)
    if "packages" in table(document):
        yield from _folders(required(document, "packages", dict, "package-lock.json"))
    else:
        required(document, "lockfileVersion", int, "package-lock.json")
        yield from _tree(table(document, "dependencies"))


def _folders(packages: Mapping[str, Any]) -> Iterator[Declared]:
    for folder, fields in packages.items():
        if _FOLDER not in folder or not isinstance(fields, dict):
            continue  # the project itself, and its workspaces
        if any(fields.get(each) is True for each in ("link", "dev", "extraneous")) or is_elsewhere(fields.get("os")):
            continue
        name = text(fields, "name") or folder.rpartition(_FOLDER)[2]
        yield from declared(name, text(fields, "version"), text(fields, "resolved"), text(fields, "license"))


def _tree(dependencies: Mapping[str, Any]) -> Iterator[Declared]:
    levels: list[tuple[Mapping[str, Any], int]] = [(dependencies, 1)]
    while levels:
        level, depth = levels.pop()
        for name, fields in level.items():
            if not isinstance(fields, dict) or fields.get("dev") is True:
                continue
            yield from declared(name, text(fields, "version"), text(fields, "resolved"))
            if depth < _MAX_LEVELS and (below := table(fields, "dependencies")):
                levels.append((below, depth + 1))


def is_elsewhere(systems: Any) -> bool:
    """Tell whether a package names the systems it is for, and Linux is none of them: it is left out there."""
    named = texts(systems)
    return bool(named) and "linux" not in named and not any(each.startswith("!") for each in named)


def declared(name: str, version: str, resolved: str = "", licence: str = "") -> Iterator[Declared]:
    """Read one entry of any lock file of Node: the `version` may be an alias or an address.

    What is taken from the project's own folders is the project itself.
    """
    if version.startswith(_LOCAL) or (resolved.startswith("file:") and not resolved.endswith((".tgz", ".tar.gz"))):
        return
    if alias := _ALIAS.fullmatch(version):
        name, version = alias[1], alias[2]
    if "/" in version or ":" in version:  # the address is all that version 1 has
        resolved, version = version, ""
    licences = (licence,) if licence else ()
    if _GIT.match(resolved):
        url, _hash, commit = resolved.partition("#")
        yield Declared(name, version, commit=commit.removeprefix("commit="), url=url, licences=licences)
        return
    yield Declared(name, version or _of_archive(name, resolved), licences=licences)


def _of_archive(name: str, address: str) -> str:
    """`1.0.0` of `https://.../name/-/name-1.0.0.tgz`."""
    file = address.partition("#")[0].partition("?")[0].rpartition("/")[2]
    stem = file.removesuffix(".tgz").removesuffix(".tar.gz")
    version = stem.removeprefix(name.rpartition("/")[2] + "-")
    return version if version[:1].isdecimal() and file != stem != version else ""
