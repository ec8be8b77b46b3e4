"""What is found is what the real records say: nothing is missed, and nothing is added.

Each expectation is worked out here, from the raw records, by intervals and with univers or dpkg: nothing of scangate's
evaluation, matching or order of versions is asked.
"""

import functools
import json
import os
import random
import re
import shutil
import subprocess
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from univers.versions import PypiVersion, SemverVersion

from scangate.advisories import Store, Vulnerability, match
from scangate.advisories.sync import sync
from scangate.core.model import Package

Records = dict[str, list[dict[str, Any]]]
LISTS = Path(__file__).parent / "recorded"
BUILDS = "SCANGATE_TEST_ROOTFS"
MIRROR = "SCANGATE_TEST_MIRROR"
"""The folder with `main` and `patched` of the test that builds them; set it to let them be built."""
EXPORTS = {"PyPI": 900, "Go": 600, "crates.io": 400, "Bitnami": 250}
"""How many (package, version) pairs of each are drawn at least."""
_SEMVER = re.compile(r"v?\d+(\.\d+)?(\.\d+)?(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z.-]+)?")


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of real exports, and a home they were synced into."""
    folder = shared / "advisories" / "osv"
    if not folder.is_dir():
        pytest.skip(f"the advisories are not here: {folder}")
    home = tmp_path_factory.mktemp("home")
    sync(str(folder), home, [*EXPORTS, "Debian:12"])
    return folder, home


@pytest.mark.parametrize("export", EXPORTS)
def test_versions_around_every_boundary_are_affected_as_the_records_say(export: str, real: tuple[Path, Path]) -> None:
    folder, home = real
    known = records_of(folder, export)
    pairs = sorted(drawn(export, known))
    assert len(pairs) >= EXPORTS[export]
    wrong = []
    with Store.open(home) as store:
        for name, version in pairs:
            package = Package(name=name, version=version, ecosystem=export, purl=f"pkg:generic/{name}@{version}")
            found = {
                hit.advisory.id
                for each in match([package], store)
                if isinstance(each, Vulnerability)
                for hit in each.hits
            }
            expected = {each["id"] for each in known[normal(export, name)] if says(each, export, name, version)}
            if found != expected:
                wrong.append((name, version, found ^ expected))
    assert not wrong, wrong[:10]


def test_the_pairs_are_at_least_2000() -> None:
    assert sum(EXPORTS.values()) >= 2_000


def records_of(folder: Path, export: str) -> Records:
    """By package, without those that were withdrawn."""
    found: Records = defaultdict(list)
    with zipfile.ZipFile(folder / export / "all.zip") as archive:
        for file in archive.namelist():
            record = json.loads(archive.read(file))
            if not record.get("withdrawn"):
                for name in {normal(export, each["package"]["name"]) for each in record["affected"]}:
                    found[name].append(record)
    return found


def drawn(export: str, known: Records) -> Iterator[tuple[str, str]]:
    """At every kind of event, just before and just after it, and among the listed versions."""
    chance = random.Random(12)
    names = sorted(known)
    pairs: set[tuple[str, str]] = set()
    while len(pairs) < EXPORTS[export]:
        name = chance.choice(names)
        entry = chance.choice(entries(chance.choice(known[name]), export, name))
        events = [version for part in ranges(export, entry) for event in part for version in event.values()]
        near = [one for version in events for one in around(export, version)]
        candidates = [each for each in (*near, *(entry.get("versions") or ())[-40:]) if parsed(export, each)]
        if candidates:
            pairs.add((entry["package"]["name"], chance.choice(sorted(set(candidates)))))
    return iter(pairs)


def around(export: str, version: str) -> tuple[str, ...]:
    if export == "PyPI":
        return version, f"{version}.dev0", f"{version}.post1", f"{version}rc1"
    if match_ := re.fullmatch(r"(\d+\.\d+\.)(\d+)", version):
        return version, f"{version}-0", f"{version}-rc.1", f"{match_[1]}{int(match_[2]) + 1}", f"{version}+build"
    return version, f"{version}.0" if "-" in version else f"{version}.0-0"


def entries(record: dict[str, Any], export: str, name: str) -> list[dict[str, Any]]:
    return [each for each in record["affected"] if normal(export, each["package"]["name"]) == normal(export, name)]


def normal(export: str, name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower() if export == "PyPI" else name


def ranges(export: str, entry: dict[str, Any]) -> list[list[dict[str, str]]]:
    """Those over versions. One with a version that is none is rejected when it is synced, by name."""
    found = [each["events"] for each in entry.get("ranges") or () if each["type"] != "GIT"]
    return [part for part in found if all(parsed(export, one) for event in part for one in event.values())]


@functools.cache
def parsed(export: str, version: str) -> Any:
    if export == "PyPI":
        return PypiVersion(version) if PypiVersion.is_valid(version) else None
    # univers would drop a fourth part, and orders by build metadata, which semver.org (10) says has no order.
    return SemverVersion(version.partition("+")[0]) if _SEMVER.fullmatch(version) else None


def says(record: dict[str, Any], export: str, name: str, version: str) -> bool:
    own = parsed(export, version)
    for entry in entries(record, export, name):
        if any(parsed(export, each) == own for each in entry.get("versions") or ()):
            return True
        if any(inside(export, own, events) for events in ranges(export, entry)):
            return True
    return False


def inside(export: str, own: Any, events: list[dict[str, str]]) -> bool:
    """Between a start and the next end above it. Bitnami writes starts that are their own end: they hold nothing."""
    following = [*events[1:], {}]
    empty = {
        one["introduced"]
        for one, after in zip(events, following, strict=True)
        if "introduced" in one and after.get("fixed") == one["introduced"]
    }
    ends = [(parsed(export, each["fixed"]), False) for each in events if "fixed" in each]
    ends += [(parsed(export, each["last_affected"]), True) for each in events if "last_affected" in each]
    for start in (each["introduced"] for each in events if "introduced" in each):
        if start in empty:
            continue
        lower = parsed(export, start)
        if start != "0" and own < lower:
            continue
        above = [(end, closed) for end, closed in ends if start == "0" or end > lower or (closed and end == lower)]
        if not any(own > end or (own == end and not closed) for end, closed in above):
            return True
    return False


def installed(file: Path) -> list[Package]:
    """Of a list of `source version`, as dpkg-query writes it."""
    pairs = (line.split() for line in file.read_text().splitlines())
    return [
        Package(
            name=source,
            version=version,
            ecosystem="Debian:12",
            purl=f"pkg:deb/debian/{source}@{version}",
            source=source,
            source_version=version,
        )
        for source, version in pairs
    ]


def found_in(packages: list[Package], home: Path) -> set[tuple[str, str]]:
    with Store.open(home) as store:
        found = list(match(packages, store))
    assert all(isinstance(each, Vulnerability) for each in found)
    return {(each.rule, each.name) for each in found}


def expected_in(packages: list[Package], folder: Path) -> set[tuple[str, str]]:
    """Asks `dpkg --compare-versions` about each installed source package and each record on it."""
    expected = set()
    for name, records in records_of(folder, "Debian:12").items():
        for package in (each for each in packages if each.source == name):
            for record in records:
                for entry in entries(record, "Debian:12", name):
                    ((start, end),) = (each["events"] for each in entry["ranges"])
                    assert start == {"introduced": "0"}
                    argv = ["dpkg", "--compare-versions", package.source_version, "lt", end["fixed"]]
                    if not subprocess.run(argv, check=False).returncode:
                        expected.update((cve, name) for cve in record["upstream"])
    return expected


@pytest.mark.skipif(not shutil.which("dpkg"), reason="dpkg is not installed here")
def test_an_outdated_bookworm_has_what_dpkg_and_the_records_say_and_its_patched_twin_nothing(
    real: tuple[Path, Path],
) -> None:
    """The source packages of two root filesystems that were built here in November 2026; see the next test."""
    folder, home = real
    outdated, patched = (installed(LISTS / f"bookworm-{name}.txt") for name in ("main", "patched"))
    expected = expected_in(outdated, folder)
    assert len(expected) > 60
    assert found_in(outdated, home) == expected
    assert expected_in(patched, folder) == found_in(patched, home) == set()


@pytest.mark.real
def test_both_root_filesystems_built_anew_have_the_same(real: tuple[Path, Path]) -> None:
    """Takes three minutes and Debian's archive, so it is not done unless it is asked for."""
    if not (chosen := os.environ.get(BUILDS)):
        pytest.skip(f"{BUILDS} names no folder to build or find the root filesystems in")
    if not shutil.which("mmdebstrap"):
        pytest.skip("mmdebstrap is not installed here")
    folder, home = real
    outdated, patched = (sources(built(Path(chosen), name)) for name in ("main", "patched"))
    expected = expected_in(outdated, folder)
    assert expected
    assert found_in(outdated, home) == expected
    assert expected_in(patched, folder) == found_in(patched, home) == set()


def built(folder: Path, name: str) -> Path:
    rootfs = folder / name
    if not rootfs.is_dir():
        if not (mirror := os.environ.get(MIRROR)):
            pytest.skip(f"{MIRROR} names no mirror of Debian, as http://mirror.example.com/debian, to build from")
        main = f"deb {mirror} bookworm main\n"
        security = f"deb {mirror}-security bookworm-security main\n"
        lists = main if name == "main" else main + main.replace("bookworm", "bookworm-updates") + security
        argv = ["mmdebstrap", "--variant=minbase", "--include=python3,nginx-light,openssh-server"]
        unfinished = folder / f"{name}.unfinished"
        subprocess.run([*argv, "--format=directory", "bookworm", unfinished, "-"], input=lists.encode(), check=True)
        unfinished.rename(rootfs)
    return rootfs


def sources(rootfs: Path) -> list[Package]:
    form = "${source:Package} ${source:Version} ${db:Status-Status}\n"
    argv = ["dpkg-query", f"--admindir={rootfs}/var/lib/dpkg", "-W", "-f", form]
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = sorted({tuple(line.split()[:2]) for line in lines if line.endswith(" installed")})
    return [
        Package(
            name=name,
            version=version,
            ecosystem="Debian:12",
            purl=f"pkg:deb/debian/{name}@{version}",
            source=name,
            source_version=version,
        )
        for name, version in rows
    ]
