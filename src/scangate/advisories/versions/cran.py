"""CRAN and Bioconductor: numbers between dots and hyphens, as R's package_version() compares them.

https://cran.r-project.org/doc/manuals/R-exts.html#The-DESCRIPTION-file. 1.2-3 is 1.2.3, and 1.0 comes after 1.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, number

_VERSION: Final = re.compile(r"[0-9]+(?:[.-][0-9]+)*")


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as `compareVersion()` does. Raises ValueError on what is no version."""
    text = version.strip()
    if len(text) > MAX_LENGTH or not _VERSION.fullmatch(text):
        raise ValueError(f"not a version of an R package: {version[:80]!r}")
    return "".join(map(number, text.replace("-", ".").split("."))) + END
