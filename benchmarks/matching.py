"""What a scan costs beyond reading the image: with warm layers, and against 50,000 records.

Takes the image of catalogue.py. The records are made here: names of packages in the image and of others, ranges around
their versions, in the layout of OSV's export; so the store has the size of a real one, and many matches.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from catalogue import images

RECORDS = 50_000
SCAN = """
import resource, sys, time
from pathlib import Path
from scangate.core.model import Finding, Kind, Package, Target
from scangate.scanners import Context
from scangate.scanners.packages import Packages

target = Target(id="image", kind=Kind.IMAGE, addresses=(sys.argv[1],))
context = Context(root=Path(), home=Path(sys.argv[2]), deadline=time.monotonic() + 600)
items = list(Packages().scan(target, context))
print(sum(isinstance(each, Package) for each in items), sum(isinstance(each, Finding) for each in items),
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""


def main() -> None:
    """Print the times of three scans: cold, with warm layers, and with warm layers against the records."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "scangate-benchmark")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    for address in images(options.cache):
        print(address)
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            cold = _scan(address, home, "cold layers, no records")
            warm = min(_scan(address, home, "warm layers, no records") for _turn in range(3))
            _sync(Path(folder), home, address)
            full = min(_scan(address, home, f"warm layers, {RECORDS:,} records") for _turn in range(3))
            print(f"  warm layers take {warm / cold:.2f} of the time; the records cost {full - warm:.2f} s more")


def _scan(address: str, home: Path, what: str) -> float:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", SCAN, address, str(home)], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    packages, findings, memory = done.stdout.split()
    print(f"  {what}: {seconds:.2f} s, {packages} packages, {findings} findings, {memory} MiB")
    return seconds


def _sync(folder: Path, home: Path, address: str) -> None:
    from scangate.advisories.sync import sync
    from scangate.core.model import Package
    from scangate.inventory import READING, catalogue
    from scangate.rootfs import open_rootfs

    with open_rootfs(address, Path()) as rootfs:
        there = [each for each in catalogue(rootfs.files(READING)) if isinstance(each, Package)]
    chance = random.Random(1)
    names = [(each.source or each.name, each.source_version or each.version) for each in there]
    names += [(f"other-{number}", "1.0-1") for number in range(20 * len(names))]
    place = folder / "source" / "Debian:12"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(RECORDS):
            name, version = chance.choice(names)
            # One in ten of them is not fixed yet in the version that is installed.
            fixed = f"{version}+deb12u9" if not number % 10 else "0.0.1-1"
            events = [{"introduced": "0"}, {"fixed": fixed}]
            record = {
                "id": f"DEBIAN-CVE-2020-{number + 10_000}",
                "modified": "2026-01-01T00:00:00Z",
                "upstream": [f"CVE-2020-{number + 10_000}"],
                "details": "made for measuring " * 10,
                "affected": [
                    {
                        "package": {"ecosystem": "Debian:12", "name": name},
                        "ranges": [{"type": "ECOSYSTEM", "events": events}],
                    }
                ],
            }
            archive.writestr(f"{record['id']}.json", json.dumps(record))
    started = time.perf_counter()
    sync(str(folder / "source"), home)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"  sync of {RECORDS:,} records: {time.perf_counter() - started:.2f} s, {peak} MiB")


if __name__ == "__main__":
    main()
