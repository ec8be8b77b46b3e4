"""Python packages inside archives: programs made by zipapp, pex and shiv, eggs, and wheels.

A wheel is not installed: what it holds is FIRM, unless it lies in a program (as pex has them, unpacked).
"""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory import core_metadata, kept
from scangate.inventory.hints import Hints
from scangate.inventory.places import is_test
from scangate.inventory.purl import purl
from scangate.rootfs.files import Files
from scangate.rootfs.reading import MAX_EXTRACT, Looked
from scangate.rootfs.zip import Zip
from scangate.rootfs.zip_directory import ZipError

_ENDINGS: Final = (".pyz", ".pyzw", ".pex", ".egg", ".whl")
_WHEEL: Final = ".whl"
_OTHERS: Final = (".jar", ".war", ".ear", ".so", ".exe", ".sh", ".py")
_METADATA: Final = (b".dist-info/METADATA", b"EGG-INFO/PKG-INFO", b".egg-info/PKG-INFO", b".egg-info")
_READ: Final = 2**16
"""Bytes of one METADATA: what is needed stands at its top."""
_ZIP: Final = b"PK\x03\x04"
_MOST: Final = 10_000
_COLUMNS: Final = 4


class Zipapp:
    """The metadata of each distribution in the archive."""

    name = "zipapp"
    version = 1
    hints = Hints()

    def wants(self, _path: str) -> bool:
        return False

    def looks_at(self, path: str, size: int, mode: int) -> bool:
        if path.endswith(_ENDINGS):
            return size > 0 and not any(is_test(part) for part in path.split("/")[:-1])
        return bool(mode & 0o111) and size > len(_ZIP) and not path.endswith(_OTHERS)

    def extract(self, path: str, file: Looked) -> bytes:
        if not path.endswith(_ENDINGS) and not (file.head.startswith(b"#!") and _ZIP in file.head):
            return b""
        packages: list[list[str]] = []
        gaps: list[str] = []
        try:
            with file.open() as opened:
                archive = Zip(opened)
                for entry in archive.entries(lambda name: name.endswith(_METADATA)):
                    if len(packages) + len(gaps) >= _MOST:
                        gaps.append("it has more packages in it than are read")
                        break
                    found = core_metadata.read(archive.head(entry, _READ).decode(errors="replace"))
                    if found:
                        packages.append([entry.name, found.name, found.version, "\n".join(found.licences)])
                    else:
                        gaps.append(f"{entry.name[:200]} in it has no valid name and version")
        except ZipError as error:
            # A script may well have these four bytes in it: an executable has to be an archive to be one with a fault.
            if path.endswith(_ENDINGS) or packages:
                gaps.append(str(error))
        data = kept.pack({"packages": packages, "gap_in": gaps[-1] if gaps else ""}) if packages or gaps else b""
        return data if len(data) <= MAX_EXTRACT else kept.pack({kept.GAP: "it has more packages in it than are kept"})

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for each in kept.unpacked(files, self.name):
            if isinstance(each, Gap):
                yield each
                continue
            path, layer, facts = each
            try:
                yield from (_package(row, path, layer) for row in kept.rows(facts, "packages", _COLUMNS))
                if reason := kept.text(facts, "gap_in"):
                    yield Gap(what=path, reason=reason)
            except ValueError as error:
                yield Gap(what=path, reason=f"what was kept of this Python archive is damaged: {error}")


def _package(row: list[str], path: str, layer: str) -> Package:
    inside, name, version, licences = row
    if not name or not version:
        raise ValueError("a package has no name or no version")
    return Package(
        name=name,
        version=version,
        ecosystem="PyPI",
        purl=purl("pypi", "", name, version),
        layer=layer,
        paths=(f"{path}!/{inside}",),
        licences=tuple(each for each in licences.split("\n") if each),
        confidence=Confidence.FIRM if path.endswith(_WHEEL) else Confidence.CONFIRMED,
    )
