"""Packages that conda, mamba or micromamba installed: one file each in `conda-meta`.

OSV has no ecosystem for them. One that brought a package of Python or R is that package, which has one, and is read
from where it lies; of the others it is said that nobody looked at them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.core.model import Gap, Package
from scangate.inventory.documents import content, read_json, table, text, texts
from scangate.inventory.hints import Hints
from scangate.inventory.purl import purl
from scangate.inventory.registries import PYPI
from scangate.rootfs.files import File, Files

_RECORD: Final = re.compile(r"(?:.*/)?conda-meta/[^/]+\.json")
_BROUGHT: Final = (".dist-info/METADATA", ".egg-info/PKG-INFO", ".egg-info")
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_VERSION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.!+-]{0,99}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class Conda:
    """https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/install.html."""

    name = "conda"
    hints = Hints(endings=(".json",))

    def wants(self, path: str) -> bool:
        return "conda-meta/" in path and _RECORD.fullmatch(path) is not None

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            try:
                fields = table(read_json(content(file)))
            except ValueError as error:
                yield Gap(what=file.path, reason=f"this package of conda is not known: {error}")
                continue
            if not any(map(_is_of_a_language, texts(fields.get("files")))):
                yield _package(fields, file)


def _is_of_a_language(path: str) -> bool:
    return path.endswith(_BROUGHT) or (path.endswith("/DESCRIPTION") and "/R/library/" in path)


def _package(fields: Mapping[str, Any], file: File) -> Package | Gap:
    name, version, channel = text(fields, "name"), text(fields, "version"), _channel(fields)
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        return Gap(what=file.path, reason="this package of conda has no valid name and version")
    if channel == "pypi" and (package := PYPI.package(name, version, file)):
        return package
    qualifiers = {key: value for key in ("build", "subdir") if _WORD.fullmatch(value := text(fields, key))}
    return Package(
        name=name,
        version=version,
        ecosystem="",
        purl=purl("conda", "", name, version, qualifiers | {"channel": channel}),
        layer=file.layer.digest,
        paths=(file.path,),
        licences=tuple(each[:100] for each in texts(fields.get("license"))),
    )


def _channel(fields: Mapping[str, Any]) -> str:
    """Name the channel by its last part: its address may hold a token."""
    parts = text(fields, "channel").rstrip("/").split("/")
    if parts[-1] == text(fields, "subdir"):
        parts.pop()
    return parts[-1] if parts and _WORD.fullmatch(parts[-1]) else ""
