"""Node packages that are installed: those in `node_modules`, of an application or global.

An application's own package.json says what it would like to have, not what it has, and is not read.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.core.model import Gap, Package
from scangate.inventory.documents import content, read_json, table, text
from scangate.inventory.hints import Hints
from scangate.inventory.places import is_test
from scangate.inventory.registries import NPM
from scangate.rootfs.files import File, Files

_FILE: Final = "/package.json"
_FOLDER: Final = "node_modules"
_LIMIT: Final = 4 * 2**20


class Node:
    """npm, Yarn and pnpm: they differ in where the folders are, not in what is in them."""

    name = "npm"
    hints = Hints(names=frozenset({"package.json"}))

    def wants(self, path: str) -> bool:
        return path.endswith(_FILE) and _is_installed(path.split("/"))

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            if not _is_own(file.path, files) and (found := _package(file)):
                yield found


def _is_installed(parts: list[str]) -> bool:
    """True for node_modules/NAME/package.json and node_modules/@SCOPE/NAME/package.json, at any depth."""
    if parts[-2][0] in {".", "@"}:
        return False
    above = parts[:-2]
    if above and above[-1].startswith("@"):
        above.pop()
    if not above or above.pop() != _FOLDER:
        return False
    inside = above[above.index(_FOLDER) :] if _FOLDER in above else []
    return not any(
        is_test(part) and before != _FOLDER and not before.startswith("@")  # else it is a package of that name
        for before, part in itertools.pairwise(inside)
    )


def _is_own(path: str, files: Files) -> bool:
    """Tell whether the folder is a link to one of the project itself: a workspace, or what `npm link` leaves.

    A link inside of node_modules is how pnpm and Yarn install, and node_modules may be a link as a whole.
    """
    real = files.real(path)
    if real == path or f"{_FOLDER}/" in real:
        return False
    above, name, file = path.rsplit("/", 2)
    return real != f"{files.real(above)}/{name}/{file}"


def _package(file: File) -> Package | Gap | None:
    """A workspace that was copied may have no version; a package of a registry always has one."""
    try:
        fields = table(read_json(content(file, _LIMIT)))
    except ValueError as error:
        return Gap(what=file.path, reason=f"this Node package is not known: {error}")
    name, version = text(fields, "name"), text(fields, "version")
    if not version and fields.get("private") is True:
        return None
    package = NPM.package(name, version, file, licences=_licences(fields))
    return package or Gap(what=file.path, reason="this Node package has no valid name and version")


def _licences(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """A text, or in old packages an object or an array of objects."""
    value = fields.get("license") or fields.get("licenses")
    values = value if isinstance(value, list) else [value]
    return tuple(text(each, "type") if isinstance(each, dict) else text(each) for each in values)
