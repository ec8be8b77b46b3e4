"""Go programs: each carries the list of the modules it was built from. See `buildinfo`.

Left out, because it is the program's own source: the main module when it has no version, and modules that the build
took from a folder beside it. What was built without a list, or lost it, is a gap.
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory import kept
from scangate.inventory.executables import recognised
from scangate.inventory.go.buildinfo import BuildInfo, build_info
from scangate.inventory.go.version import of_toolchain
from scangate.inventory.hints import Hints
from scangate.rootfs.files import Files
from scangate.rootfs.limits import LARGEST_LOOKED_AT
from scangate.rootfs.reading import Looked

_SMALLEST: Final = 100_000
"""Bytes: an empty Go program has a million, and half of that when it is packed."""
_LIBRARIES: Final = (".so", ".dll", ".dylib", ".node")
_PACKER: Final = b"UPX!"
_TRACES: Final = (b"Go build", b"go.build", b"Go cmd/")
_OWN: Final = "cmd/"
"""What the path of Go's own tools begins with: they have no module."""


class Go:
    """Build info of executables and shared objects."""

    name = "golang"
    version = 1
    hints = Hints()

    def wants(self, _path: str) -> bool:
        return False

    def looks_at(self, path: str, size: int, mode: int) -> bool:
        return is_program(path, size, mode)

    def extract(self, path: str, file: Looked) -> bytes:  # noqa: ARG002 - the path says nothing
        if not recognised(file.head):
            return b""
        try:
            info = build_info(file)
        except ValueError as error:
            return kept.pack({kept.GAP: f"it is a Go program, and its build info cannot be read: {error}"})
        if info is None:
            return (
                kept.pack({kept.GAP: "it is a Go program packed by UPX, and cannot be read"}) if _packed(file) else b""
            )
        return kept.pack(_facts(info))

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for each in kept.unpacked(files, self.name):
            if isinstance(each, Gap):
                yield each
                continue
            path, layer, facts = each
            try:
                yield from _packages(path, layer, facts)
            except ValueError as error:
                yield Gap(what=path, reason=f"the build info of this Go program is damaged: {error}")


def is_program(path: str, size: int, mode: int) -> bool:
    """Tell whether a file may be a program or a library, by name, size and permission. Too large ones become gaps."""
    if size < _SMALLEST:
        return False
    if mode & 0o111 or path.endswith(".exe"):
        return True
    return (path.endswith(_LIBRARIES) or ".so." in path) and size <= LARGEST_LOOKED_AT


def _packed(file: Looked) -> bool:
    """Tell whether this is a packed Go program, as far as a text that only Go writes survived the packing."""
    return _PACKER in file.head and any(file.find(each) >= 0 for each in _TRACES)


def _facts(info: BuildInfo) -> dict[str, Any]:
    modules = [[each.path, each.version, "1" if each.sure else ""] for each in info.modules]
    listed = "1" if info.listed else ""
    return {"go": info.go, "path": info.path, "listed": listed, "bad": info.bad, "modules": modules}


def _packages(path: str, layer: str, facts: dict[str, Any]) -> Iterator[Package | Gap]:
    go = kept.text(facts, "go")
    version, sure = of_toolchain(go)
    if version:
        yield _package("stdlib", version, path, layer, sure=sure)
    else:
        yield Gap(what=path, reason=f"it was built by a Go of no released version: {go[:80]!r}")
    for name, number, certain in kept.rows(facts, "modules", 3):
        yield _package(name, number, path, layer, sure=bool(certain))
    if bad := kept.text(facts, "bad"):
        yield Gap(what=path, reason=f"not all modules that this Go program was built from can be read: {bad}")
    if not kept.text(facts, "listed") and not kept.text(facts, "path").startswith(_OWN):
        yield Gap(what=path, reason="it is a Go program that does not say which modules it was built from")


def _package(name: str, version: str, path: str, layer: str, *, sure: bool) -> Package:
    # Lower case in a purl, whose specification says so; OSV has names as they are written in go.mod.
    return Package(
        name=name,
        version=version,
        ecosystem="Go",
        purl=f"pkg:golang/{quote(name.lower(), safe='/:')}@{quote(version, safe=':')}",
        layer=layer,
        paths=(path,),
        confidence=Confidence.CONFIRMED if sure else Confidence.FIRM,
    )
