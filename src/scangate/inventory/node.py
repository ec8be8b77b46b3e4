"""Node packages that are installed: those in `node_modules`, of an application or global.

An application's own package.json says what it would like to have, not what it has, and is not read.
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from scangate.core.model import Gap, Package
from scangate.inventory.purl import purl
from scangate.rootfs.files import File, Files

_FILE: Final = "/package.json"
_FOLDER: Final = "node_modules"
_MATERIAL: Final = frozenset(
    {"test", "tests", "__tests__", "fixture", "fixtures", "__fixtures__", "example", "examples"}
)
"""Folders in which packages bring others along as material for their tests, which nothing loads."""
_LIMIT: Final = 4 * 2**20
_NAME: Final = re.compile(r"(?:@[^\s/@]+/)?[^\s/@]+")
_VERSION: Final = re.compile(r"\S{1,200}")
_LONGEST: Final = 214
"""Characters of a name, by npm's rules."""


class Node:
    """npm, Yarn and pnpm: they differ in where the folders are, not in what is in them."""

    name = "npm"

    def wants(self, path: str) -> bool:
        return path.endswith(_FILE) and _is_installed(path.split("/"))

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            yield _package(file)


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
        part in _MATERIAL and before != _FOLDER and not before.startswith("@")  # else it is a package of that name
        for before, part in itertools.pairwise(inside)
    )


def _package(file: File) -> Package | Gap:
    if file.size > _LIMIT:
        return Gap(what=file.path, reason=f"it has {file.size} bytes: at most {_LIMIT} are read of a package.json")
    try:
        document = json.loads(file.read())
    except (ValueError, RecursionError):
        return Gap(what=file.path, reason="it is not valid JSON, so this Node package is not known")
    fields = document if isinstance(document, dict) else {}
    name, version = _text(fields.get("name")), _text(fields.get("version"))
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version) or len(name) > _LONGEST:
        return Gap(what=file.path, reason="this Node package has no valid name and version")
    scope, _slash, short = name.rpartition("/")
    return Package(
        name=name,
        version=version,
        ecosystem="npm",
        purl=purl("npm", scope, short.lower(), version),
        layer=file.layer.digest,
        paths=(file.path,),
        licences=tuple(sorted(_licences(fields))),
    )


def _licences(fields: dict[str, Any]) -> set[str]:
    """A text, or in old packages an object or an array of objects."""
    value = fields.get("license") or fields.get("licenses")
    values = value if isinstance(value, list) else [value]
    texts = (_text(each.get("type") if isinstance(each, dict) else each) for each in values)
    return {text for text in texts if 0 < len(text) <= _LONGEST}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
