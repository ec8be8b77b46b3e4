"""R packages that are installed: the DESCRIPTION in the folder of each, which says how it was built."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.hints import Hints
from scangate.inventory.registries import BIOCONDUCTOR, CRAN
from scangate.rootfs.files import File, Files

_HEAD: Final = 2**18
_FIELD: Final = re.compile(r"^(Package|Version|License|Priority|Built|biocViews):(.*)$", re.MULTILINE)


class R:
    """Without `Built` it is a source, which is not installed. The base packages are R itself."""

    name = "cran"
    hints = Hints(names=frozenset({"DESCRIPTION"}))

    def wants(self, path: str) -> bool:
        return path.endswith("/DESCRIPTION")

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            source = file.read(0, _HEAD).decode(errors="replace").replace("\r\n", "\n")
            fields = {key: value.strip() for key, value in _FIELD.findall(source)}
            folder = file.path.split("/")[-2]
            if "Built" in fields and fields.get("Priority") != "base" and fields.get("Package", folder) == folder:
                yield _package(fields, file)


def _package(fields: dict[str, str], file: File) -> Package | Gap:
    registry = BIOCONDUCTOR if "biocViews" in fields else CRAN
    named = (each.strip() for each in re.split(r"[|+]", fields.get("License", "")))
    licences = tuple(each for each in named if not each.startswith("file "))
    package = registry.package(fields.get("Package", ""), fields.get("Version", ""), file, licences=licences)
    return package or Gap(what=file.path, reason="this package of R has no valid name and version")
