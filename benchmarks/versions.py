"""Comparing versions: our keys against univers, side by side in one run.

    python benchmarks/versions.py [FOLDER]

FOLDER holds OSV exports (`PyPI/all.zip` ...), default `../shared/advisories/osv`; the versions in it are added to those
that the tests' grammar makes. Both compare the same 20,000 pairs of each scheme. Cold: from the texts, with nothing
cached, as a matcher meets them. Warm: ours has its keys, univers its objects. univers has no usable scheme for CRAN and
Hackage, and one for Composer that is none of its own.
"""

import json
import random
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from univers import versions as univers
from univers.versions import Version

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "advisories"))
from version_samples import KEYS, draw

PAIRS = 20_000
GOAL = 0.1
SCHEMES: tuple[tuple[str, type[Version], tuple[str, ...]], ...] = (
    ("apk", univers.AlpineLinuxVersion, ()),
    ("conan", univers.ConanVersion, ()),
    ("dpkg", univers.DebianVersion, ("Debian:12",)),
    ("golang", univers.GolangVersion, ("Go",)),
    ("maven", univers.MavenVersion, ()),
    ("nuget", univers.NugetVersion, ()),
    ("packagist", univers.ComposerVersion, ()),
    ("pacman", univers.ArchLinuxVersion, ()),
    ("pep440", univers.PypiVersion, ("PyPI",)),
    ("pub", univers.SemverVersion, ()),
    ("rpm", univers.RpmVersion, ()),
    ("rubygems", univers.RubygemsVersion, ()),
    ("semver", univers.SemverVersion, ("crates.io", "Bitnami")),
)


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "shared" / "advisories" / "osv"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    print(f"{'scheme':10}{'versions':>9}{'':>5}{'ours':>10}{'univers':>10}{'ratio':>8}   ({PAIRS} comparisons)")
    sums = {"cold": [0.0, 0.0], "warm": [0.0, 0.0]}
    for name, theirs, exports in SCHEMES:
        key = KEYS[name]
        chance = random.Random(1)
        versions = [each for each in draw(name, chance) + sorted(real(folder, exports)) if usable(each, key, theirs)]
        pairs = [(chance.choice(versions), chance.choice(versions)) for _ in range(PAIRS)]
        for state, (ours, others) in measure(pairs, key, theirs).items():
            print(f"{name:10}{len(versions):9}{state:>5}{ours:9.3f}s{others:9.3f}s{ours / others:8.3f}")
            sums[state] = [sums[state][0] + ours, sums[state][1] + others]
    for state, (ours, others) in sums.items():
        reached = "reached" if ours < GOAL * others else "missed"
        print(f"{'all':10}{'':9}{state:>5}{ours:9.3f}s{others:9.3f}s{ours / others:8.3f}   goal {GOAL}: {reached}")


def measure(
    pairs: list[tuple[str, str]], key: Callable[[str], str], theirs: type[Version]
) -> dict[str, tuple[float, float]]:
    """Seconds of processor time, ours and theirs."""
    key.cache_clear()  # type: ignore[attr-defined]
    objects = {version: theirs(version) for pair in pairs for version in pair}
    cold = seconds(lambda: [key(one) < key(other) for one, other in pairs])
    cold_theirs = seconds(lambda: [theirs(one) < theirs(other) for one, other in pairs])
    keys = {version: key(version) for version in objects}
    warm = seconds(lambda: [keys[one] < keys[other] for one, other in pairs])
    warm_theirs = seconds(lambda: [objects[one] < objects[other] for one, other in pairs])
    return {"cold": (cold, cold_theirs), "warm": (warm, warm_theirs)}


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def usable(version: str, key: Callable[[str], str], theirs: type[Version]) -> bool:
    try:
        key(version)
    except ValueError:
        return False
    try:
        return bool(theirs(version))
    except (ValueError, TypeError):
        return False


def real(folder: Path, exports: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in (folder / export / "all.zip" for export in exports):
        if not path.is_file():
            continue
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                for affected in json.loads(archive.read(name))["affected"]:
                    found.update(affected.get("versions") or ())
                    ranges = (each for each in affected.get("ranges") or () if each["type"] != "GIT")
                    found.update(version for each in ranges for event in each["events"] for version in event.values())
    return found


if __name__ == "__main__":
    main()
