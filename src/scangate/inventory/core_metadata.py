"""Python's core metadata, in the heads of METADATA and PKG-INFO.

https://packaging.python.org/en/latest/specifications/core-metadata/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_FIELD: Final = re.compile(r"^(Name|Version|License-Expression|License|Classifier):(.*)$", re.MULTILINE | re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,198}[A-Z0-9])?", re.IGNORECASE)
_VERSION: Final = re.compile(r"\S{1,200}")
_LICENCE_CLASS: Final = "License :: "
_NAMES_NONE: Final = frozenset({"", "unknown"})
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`name` is normalised: https://peps.python.org/pep-0503/#normalized-names."""

    name: str
    version: str
    licences: tuple[str, ...]


def read(text: str) -> Metadata | None:
    """Read them; None when there is no valid name and version."""
    fields: dict[str, list[str]] = {}
    head = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")[0]
    for key, value in _FIELD.findall(head):
        fields.setdefault(key.lower(), []).append(value.strip())
    name, version = fields.get("name", [""])[0], fields.get("version", [""])[0]
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        return None
    return Metadata(name=re.sub(r"[-_.]+", "-", name).lower(), version=version, licences=_licences(fields))


def _licences(fields: Mapping[str, list[str]]) -> tuple[str, ...]:
    for key in ("license-expression", "license"):
        value = fields.get(key, [""])[0]
        if value.lower() not in _NAMES_NONE and len(value) <= _LONGEST:  # longer is the text, not the name
            return (value,)
    classes = (value for value in fields.get("classifier", []) if value.startswith(_LICENCE_CLASS))
    return tuple(sorted({value.rpartition(" :: ")[2] for value in classes} - {"OSI Approved"}))
