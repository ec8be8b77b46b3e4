""".NET packages that were published with an application or a framework: what the host reads to load them, *.deps.json.

https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory.documents import content, read_json, required, table, text
from scangate.inventory.hints import Hints
from scangate.inventory.registries import NUGET
from scangate.rootfs.files import File, Files

_FILE: Final = ".deps.json"
_ASSETS: Final = ("runtime", "native", "runtimeTargets", "resources")
_NOTHING: Final = "_._"
"""The name of a file that stands for none."""


class DotNet:
    """A package that brings no file is only named there: it may be a bundle of others, or be met by the framework."""

    name = "nuget"
    hints = Hints(endings=(_FILE,))

    def wants(self, path: str) -> bool:
        return path.endswith(_FILE)

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            try:
                yield from _packages(file)
            except ValueError as error:
                yield Gap(what=file.path, reason=f"the packages of this .NET application are not known: {error}")


def _packages(file: File) -> Iterator[Package | Gap]:
    document = read_json(content(file))
    libraries = required(document, "libraries", dict, "deps.json")
    brought = {key for target in table(document, "targets").values() for key in _with_files(table(target))}
    for key, fields in libraries.items():
        kind = text(fields, "type").lower()
        if kind not in {"package", "runtimepack"}:
            continue  # the application itself, its projects, and assemblies without a package
        name, _slash, version = key.removeprefix("runtimepack.").rpartition("/")
        confidence = Confidence.CONFIRMED if key in brought else Confidence.FIRM
        package = NUGET.package(name, version, file, confidence=confidence)
        yield package or Gap(what=f"{file.path}: {key[:100]}", reason="it has no valid name and version")


def _with_files(target: Mapping[str, Any]) -> Iterator[str]:
    for key, fields in target.items():
        assets = (name for kind in _ASSETS for name in table(fields, kind))
        if any(not name.endswith(_NOTHING) for name in assets):
            yield key
