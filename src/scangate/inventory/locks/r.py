"""renv.lock of R: https://rstudio.github.io/renv/reference/lockfiles.html."""

from collections.abc import Iterator

from scangate.inventory.documents import read_json, required, text
from scangate.inventory.locks.lockfile import Declared


def renv_lock(data: bytes) -> Iterator[Declared]:
    for key, fields in required(read_json(data), "Packages", dict, "renv.lock").items():
        source = text(fields, "Source")
        if source not in {"Bioconductor", "Local"}:  # Bioconductor's have advisories under no name of CRAN
            yield Declared(text(fields, "Package") or key, text(fields, "Version"))
