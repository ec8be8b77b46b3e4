"""PHP packages that Composer installed: `installed.json` in the folder `composer` of those it installs to."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.documents import content, read_json, tables, text, texts
from scangate.inventory.hints import Hints
from scangate.inventory.locks.php import is_own
from scangate.inventory.registries import PACKAGIST
from scangate.rootfs.files import File, Files

_FILE: Final = "/composer/installed.json"


class Php:
    """Version 1 is a list of packages, version 2 an object that holds it. Those for development are installed, too."""

    name = "composer"
    hints = Hints(endings=(_FILE,))

    def wants(self, path: str) -> bool:
        return path.endswith(_FILE)

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            try:
                yield from _packages(file)
            except ValueError as error:
                yield Gap(what=file.path, reason=f"the packages of Composer are not known: {error}")


def _packages(file: File) -> Iterator[Package | Gap]:
    document = read_json(content(file))
    packages = document.get("packages") if isinstance(document, dict) else document
    if not isinstance(packages, list):
        raise ValueError("it holds no list of packages")  # noqa: TRY004 - input, not use
    for fields in tables(packages):
        if is_own(fields):
            continue
        name, version = text(fields, "name"), text(fields, "version")
        licences = tuple(texts(fields.get("license")))
        package = PACKAGIST.package(name, version, file, licences=licences)
        reason = "an entry of the packages of Composer has no valid name and version"
        yield package or Gap(what=f"{file.path}: {name[:100]}" if name else file.path, reason=reason)
