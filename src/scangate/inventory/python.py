"""Python packages, wherever they are: dist-info, and the older egg-info as a folder or as a file."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.purl import purl
from scangate.rootfs.files import File, Files

_FILES: Final = (".dist-info/METADATA", ".egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", ".egg-info")
_HEAD: Final = 2**18
"""Bytes read of a file: what is needed stands at its top, a whole readme below it."""
_FIELD: Final = re.compile(r"^(Name|Version|License-Expression|License|Classifier):(.*)$", re.MULTILINE | re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE)
_VERSION: Final = re.compile(r"\S{1,200}")
_LICENCE_CLASS: Final = "License :: "
_NAMES_NONE: Final = frozenset({"", "unknown"})
_LONGEST: Final = 100


class Python:
    """Core metadata: https://packaging.python.org/en/latest/specifications/core-metadata/."""

    name = "pypi"

    def wants(self, path: str) -> bool:
        return path.endswith(_FILES)

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            yield _package(file)


def _package(file: File) -> Package | Gap:
    text = file.read(0, _HEAD).decode(errors="replace").replace("\r\n", "\n")
    fields: dict[str, list[str]] = {}
    for key, value in _FIELD.findall(text.lstrip("\n").partition("\n\n")[0]):
        fields.setdefault(key.lower(), []).append(value.strip())
    name, version = fields.get("name", [""])[0], fields.get("version", [""])[0]
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        return Gap(what=file.path, reason="the metadata of this Python package have no valid name and version")
    normal = re.sub(r"[-_.]+", "-", name).lower()  # https://peps.python.org/pep-0503/#normalized-names
    return Package(
        name=normal,
        version=version,
        ecosystem="PyPI",
        purl=purl("pypi", "", normal, version),
        layer=file.layer.digest,
        paths=(file.path,),
        licences=_licences(fields),
    )


def _licences(fields: dict[str, list[str]]) -> tuple[str, ...]:
    for key in ("license-expression", "license"):
        value = fields.get(key, [""])[0]
        if value.lower() not in _NAMES_NONE and len(value) <= _LONGEST:  # longer is the text, not the name
            return (value,)
    classes = (value for value in fields.get("classifier", []) if value.startswith(_LICENCE_CLASS))
    return tuple(sorted({value.rpartition(" :: ")[2] for value in classes} - {"OSI Approved"}))
