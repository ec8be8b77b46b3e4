"""Content management systems that are unpacked rather than installed: they say their version in a file of their own."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory.hints import Hints
from scangate.inventory.purl import purl
from scangate.rootfs.files import File, Files

_VERSION: Final = r"""['"]([0-9][0-9A-Za-z.+-]{0,50})['"]"""
_SYSTEMS: Final = {
    "/wp-includes/version.php": ("wordpress", re.compile(rf"^[ \t]*+\$wp_version\s*+=\s*+{_VERSION}", re.MULTILINE)),
    "/core/lib/Drupal.php": ("drupal", re.compile(rf"^[ \t]*+const VERSION\s*+=\s*+{_VERSION}", re.MULTILINE)),
}
_HEAD: Final = 2**16


class Cms:
    """WordPress and Drupal, by the names that Bitnami's advisories have for them."""

    name = "cms"
    hints = Hints(endings=tuple(_SYSTEMS))

    def wants(self, path: str) -> bool:
        return path.endswith(tuple(_SYSTEMS)) and not path.startswith("opt/bitnami/")

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            yield _system(file)


def _system(file: File) -> Package | Gap:
    name, pattern = next(value for ending, value in _SYSTEMS.items() if file.path.endswith(ending))
    found = pattern.search(file.read(0, _HEAD).decode(errors="replace"))
    if not found:
        return Gap(what=file.path, reason=f"the version of {name} is not known")
    return Package(
        name=name,
        version=found[1],
        ecosystem="Bitnami",
        purl=purl("generic", "", name, found[1]),
        layer=file.layer.digest,
        paths=(file.path,),
        confidence=Confidence.FIRM,
    )
