"""Rust programs: `cargo auditable` writes the list of crates into each, and so do many distributors' builds.

https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md: a section with JSON, compressed by zlib.
Left out are crates that ran only during the build, and those that were built from a folder: the program's own source.
"""

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final

from scangate.core.model import Gap, Package
from scangate.inventory import kept
from scangate.inventory.executables import layouts, recognised
from scangate.inventory.go import is_program
from scangate.inventory.hints import Hints
from scangate.inventory.purl import purl
from scangate.rootfs.files import Files
from scangate.rootfs.reading import Looked

_SECTION: Final = ".dep-v0"
_NOTES: Final = ".comment"
_COMPILER: Final = b"rustc version"
"""What rustc adds to the compilers' notes, from 1.73 on."""
_PACKED: Final = 2 * 2**20
_UNPACKED: Final = 8 * 2**20
"""Bytes of the section, and of the JSON in it: 1,000 crates have about 100,000."""
_REGISTRY, _OWN = "crates.io", "local"
"""What `source` is: the public registry, or a folder. Others are git and private registries."""
_WORD: Final = re.compile(r"\S{1,200}")


class Rust:
    """The crates that a program was built from."""

    name = "cargo-auditable"
    version = 1
    hints = Hints()

    def wants(self, _path: str) -> bool:
        return False

    def looks_at(self, path: str, size: int, mode: int) -> bool:
        return is_program(path, size, mode)

    def extract(self, path: str, file: Looked) -> bytes:
        if not recognised(file.head):
            return b""
        for layout in layouts(file):
            if region := layout.sections.get(_SECTION):
                try:
                    return kept.pack({"crates": _crates(file.read(region.offset, min(region.size, _PACKED + 1)))})
                except ValueError as error:
                    return kept.pack({kept.GAP: f"the list of crates in this Rust program cannot be read: {error}"})
            notes = layout.sections.get(_NOTES)
            if notes and ".so" not in path and _COMPILER in file.read(notes.offset, min(notes.size, 4_096)):
                return kept.pack({kept.GAP: "it is a Rust program that does not say which crates it was built from"})
        return b""

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for each in kept.unpacked(files, self.name):
            if isinstance(each, Gap):
                yield each
                continue
            path, layer, facts = each
            try:
                crates = kept.rows(facts, "crates", 3)
            except ValueError as error:
                yield Gap(what=path, reason=f"the list of crates of this Rust program is damaged: {error}")
                continue
            yield from (_package(name, version, source, path, layer) for name, version, source in crates)


def _crates(data: bytes) -> list[list[str]]:
    """Return name, version and source of those that are compiled in. Raises ValueError."""
    if len(data) > _PACKED:
        raise ValueError(f"its section has more than {_PACKED} bytes")
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, _UNPACKED)
    except zlib.error:
        raise ValueError("it is not compressed by zlib") from None
    if inflater.unconsumed_tail or not inflater.eof:
        raise ValueError(f"it is cut off, or unpacks to more than {_UNPACKED} bytes")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not valid JSON") from None
    packages = document.get("packages") if isinstance(document, dict) else None
    if isinstance(packages, list) and all(isinstance(each, dict) for each in packages):
        return [crate for each in packages if (crate := _crate(each))]
    raise ValueError("it has no array `packages` of objects")


def _crate(fields: dict[str, Any]) -> list[str] | None:
    texts = [each for key in ("name", "version", "source") if isinstance(each := fields.get(key), str)]
    if len(texts) < 3 or not all(_WORD.fullmatch(each) for each in texts):  # noqa: PLR2004 - one for each key
        raise ValueError("one of its packages has no valid name, version and source")
    return None if texts[2] == _OWN or fields.get("kind", "runtime") == "build" else texts


def _package(name: str, version: str, source: str, path: str, layer: str) -> Package:
    """Make a package; advisories speak of those of one registry, and another may have such a name by chance."""
    return Package(
        name=name,
        version=version,
        ecosystem="crates.io" if source == _REGISTRY else "",
        purl=purl("cargo", "", name, version),
        layer=layer,
        paths=(path,),
    )
