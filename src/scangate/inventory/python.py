"""Python packages, wherever they are: dist-info, and the older egg-info as a folder or as a file.

One that was installed from a folder or a repository is known by its name and version like all others: what it was made
from is a qualifier of its purl.
"""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory import core_metadata
from scangate.inventory.documents import read_json, table, text
from scangate.inventory.hints import Hints
from scangate.inventory.places import folder_of, is_test
from scangate.inventory.purl import bare_url, vcs_url
from scangate.inventory.registries import PYPI
from scangate.rootfs.files import File, Files

_FILES: Final = (".dist-info/METADATA", ".egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", ".egg-info")
_ORIGIN: Final = ".dist-info/direct_url.json"
_WHEEL: Final = ".dist-info/WHEEL"
_LINK: Final = ".egg-link"
_HEAD: Final = 2**18
"""Bytes read of a file: what is needed stands at its top, a whole readme below it."""
_SITE: Final = re.compile(r".*(?:site|dist)-packages/(.*)/[^/]+$", re.DOTALL)


class Python:
    """The records of installed distributions, by pip or whatever else.

    https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """

    name = "pypi"
    hints = Hints(endings=(*_FILES, _ORIGIN, _WHEEL, _LINK))

    def wants(self, path: str) -> bool:
        return path.endswith((*_FILES, _ORIGIN, _WHEEL, _LINK)) and not _is_test_material(path)

    def read(self, files: Files) -> Iterator[Package | Gap]:
        found = {file.path: file for file in files.matching(self.wants)}
        for path, file in found.items():
            if path.endswith(_FILES):
                yield _package(file, found.get(f"{folder_of(path)}direct_url.json"))
            elif path.endswith(_WHEEL) and not files.exists(f"{folder_of(path)}METADATA"):
                yield Gap(what=folder_of(path)[:-1], reason="this Python package has no METADATA: it cannot be named")
            elif path.endswith(_LINK) and (lost := _lost(file, files, found)):
                yield lost


def _is_test_material(path: str) -> bool:
    """Some packages bring others along for their own tests."""
    inside = _SITE.fullmatch(path)
    return inside is not None and any(is_test(part) for part in inside[1].split("/"))


def _package(file: File, origin: File | None) -> Package | Gap:
    found = core_metadata.read(file.read(0, _HEAD).decode(errors="replace"))
    qualifiers = _qualifiers(origin) if origin else {}
    package = found and PYPI.package(found.name, found.version, file, licences=found.licences, qualifiers=qualifiers)
    return package or Gap(what=file.path, reason="the metadata of this Python package have no valid name and version")


def _qualifiers(origin: File) -> dict[str, str]:
    """https://packaging.python.org/en/latest/specifications/direct-url/. Folders of the build are no address."""
    try:
        document = read_json(origin.read(0, _HEAD))
    except ValueError:
        return {}
    url = text(document, "url")
    if vcs := table(document, "vcs_info"):
        return {"vcs_url": vcs_url(url, text(vcs, "commit_id"))}
    return {"download_url": bare_url(url)} if table(document, "archive_info") else {}


def _lost(link: File, files: Files, found: dict[str, File]) -> Gap | None:
    """Of a package that is used from its source's folder only a link is installed: its metadata must lie there."""
    target = link.read(0, 4096).decode(errors="replace").partition("\n")[0].strip()
    folder = files.real(target.lstrip("/"))
    if folder and any(path.startswith(f"{folder}/") and path.endswith(_FILES) for path in found):
        return None
    return Gap(what=link.path, reason="it links to a folder in which no Python package is")
