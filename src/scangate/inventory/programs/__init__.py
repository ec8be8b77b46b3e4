"""Well-known programs that no package brought: by the version they tell when asked, which stands in them as text.

A file's name says where to look, its content what it is. All of it is FIRM: a program may be patched and not say so.
"""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory import kept
from scangate.inventory.executables import recognised
from scangate.inventory.hints import Hints
from scangate.inventory.programs.known import BEGINNINGS, KNOWN, Known
from scangate.inventory.purl import purl
from scangate.rootfs.files import Files
from scangate.rootfs.reading import Looked

_SMALLEST: Final = 4_096
_WHOLE: Final = 2**20
"""Bytes: a smaller one without a version only starts what is in a library."""
_TURNS: Final = 5_000
"""Places looked at in one program."""
_LENGTH: Final = 200
_VERSION: Final = re.compile(r"[0-9][0-9A-Za-z.]{0,40}")
_NAMES: Final = re.compile("|".join(f"(?:{each.files.pattern})" for each in KNOWN), re.ASCII)


class Programs:
    """Bitnami's advisories are for the programs themselves, whoever built them."""

    name = "program"
    version = 1
    hints = Hints()

    def wants(self, _path: str) -> bool:
        return False

    def looks_at(self, path: str, size: int, mode: int) -> bool:  # noqa: ARG002 - libraries often have no permission
        if size < _SMALLEST:
            return False
        name = path[path.rfind("/") + 1 :]
        return name.startswith(BEGINNINGS) and bool(_NAMES.fullmatch(name))

    def extract(self, path: str, file: Looked) -> bytes:
        if not recognised(file.head):
            return b""
        name = path.rpartition("/")[2]
        for known in KNOWN:
            if (match := known.files.fullmatch(name)) and (version := _told(file, known, match.groups())):
                return kept.pack({"name": known.name, "version": version})
        if file.size < _WHOLE:
            return b""
        return kept.pack({kept.GAP: "by its name it is a well-known program, but it does not tell its version"})

    def read(self, files: Files) -> Iterator[Package | Gap]:
        advised = {each.name: each.advised for each in KNOWN}
        for each in kept.unpacked(files, self.name):
            if isinstance(each, Gap):
                yield each
                continue
            path, layer, facts = each
            try:
                name, version = kept.text(facts, "name"), kept.text(facts, "version")
            except ValueError:
                name = version = ""
            if name not in advised or not _VERSION.fullmatch(version):
                yield Gap(
                    what=path, reason="what was kept of this program is damaged: remove the cache, and scan again"
                )
                continue
            yield Package(
                name=name,
                version=version,
                ecosystem="Bitnami" if advised[name] else "",
                purl=purl("generic", "", name, version),
                layer=layer,
                paths=(path,),
                confidence=Confidence.FIRM,
            )


def _told(file: Looked, known: Known, parts: tuple[str, ...]) -> str:
    """Return the version that stands at the first place that looks like it."""
    needle, pattern = known.needle, known.version
    for each in parts:
        needle = needle.replace(b"{0}", each.encode())
        pattern = pattern.replace(b"{0}", re.escape(each.encode()))
    version = re.compile(pattern)
    at = file.find(needle)
    for _turn in range(_TURNS):
        if at < 0:
            break
        start = max(0, at - known.before)
        found = version.search(file.read(start, known.before + _LENGTH))
        if found:
            return found[1].decode("ascii")
        at = file.find(needle, at + len(needle))
    return ""
