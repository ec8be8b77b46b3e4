"""Packages against a store: what is one vulnerability, what it is called, and what clears it."""

import functools
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osv_records import entry, record, write_zip
from univers.versions import DebianVersion, PypiVersion

from scangate.advisories import Store, Unread, Vulnerability, match, sync
from scangate.core.model import Package, Severity
from scangate.errors import CancelledError

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V31_LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"

Find = Callable[..., list[Any]]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Sync the records, each into the exports its entries name, and match the packages."""

    def run(packages: list[Package], *records: dict[str, Any]) -> list[Any]:
        for export in sorted({each["package"]["ecosystem"] for one in records for each in one["affected"]}):
            chosen = [one for one in records if any(each["package"]["ecosystem"] == export for each in one["affected"])]
            write_zip(tmp_path / "source" / export / "all.zip", *chosen)
        sync(str(tmp_path / "source"), tmp_path / "home")
        with Store.open(tmp_path / "home") as store:
            return list(match(packages, store))

    return run


def pypi(name: str, version: str, *paths: str) -> Package:
    return Package(name=name, version=version, ecosystem="PyPI", purl=f"pkg:pypi/{name}@{version}", paths=paths)


def npm(name: str, version: str, *paths: str) -> Package:
    return Package(name=name, version=version, ecosystem="npm", purl=f"pkg:npm/{name}@{version}", paths=paths)


def deb(name: str, version: str, source: str = "", source_version: str = "", release: str = "12") -> Package:
    return Package(
        name=name,
        version=version,
        ecosystem=f"Debian:{release}",
        purl=f"pkg:deb/debian/{name}@{version}",
        source=source or name,
        source_version=source_version or version,
    )


def test_two_records_on_one_cve_are_one_vulnerability_with_both_as_evidence(find: Find) -> None:
    (found,) = find(
        [pypi("django", "4.1")],
        record("PYSEC-2026-1", entry("PyPI", "django", "introduced 0, fixed 4.2"), aliases=["CVE-2026-1000"]),
        record(
            "GHSA-aaaa-bbbb-cccc",
            entry("PyPI", "Django", "introduced 4.0, fixed 4.2"),
            aliases=["CVE-2026-1000", "PYSEC-2026-1"],
        ),
    )
    assert found.rule == "CVE-2026-1000"
    assert found.aliases == ("GHSA-aaaa-bbbb-cccc", "PYSEC-2026-1")
    assert [(hit.advisory.id, hit.match.range) for hit in found.hits] == [
        ("GHSA-aaaa-bbbb-cccc", "introduced 4.0, fixed 4.2"),
        ("PYSEC-2026-1", "introduced 0, fixed 4.2"),
    ]
    assert found.dissent == ()
    assert found.upgrades == ("4.2",)


def test_where_two_records_disagree_one_is_enough_and_the_other_is_named(find: Find) -> None:
    (found,) = find(
        [pypi("a", "1.5")],
        record("PYSEC-2026-1", entry("PyPI", "a", "introduced 0, fixed 1.2"), aliases=["CVE-2026-1000"]),
        record("GHSA-aaaa-bbbb-cccc", entry("PyPI", "a", "introduced 0, fixed 2.0"), aliases=["CVE-2026-1000"]),
    )
    assert [hit.advisory.id for hit in found.hits] == ["GHSA-aaaa-bbbb-cccc"]
    assert found.dissent == (("1.5", "PYSEC-2026-1"),)


def test_the_cve_is_found_through_a_record_that_does_not_match(find: Find) -> None:
    (found,) = find(
        [pypi("a", "1.0")],
        record("PYSEC-2026-1", entry("PyPI", "a", "introduced 0"), aliases=["GHSA-aaaa-bbbb-cccc"]),
        record("GHSA-aaaa-bbbb-cccc", entry("npm", "other", "introduced 0"), aliases=["CVE-2026-1000"]),
    )
    assert (found.rule, found.aliases) == ("CVE-2026-1000", ("GHSA-aaaa-bbbb-cccc", "PYSEC-2026-1"))


@pytest.mark.parametrize(
    ("identifier", "aliases", "rule"),
    [
        ("PYSEC-2026-1", ["GHSA-aaaa-bbbb-cccc", "CVE-2026-1000"], "CVE-2026-1000"),
        ("PYSEC-2026-1", ["GHSA-aaaa-bbbb-cccc", "SNYK-X"], "GHSA-aaaa-bbbb-cccc"),
        ("PYSEC-2026-1", ["SNYK-X"], "PYSEC-2026-1"),
        ("MAL-2026-1", [], "MAL-2026-1"),
    ],
)
def test_a_cve_goes_before_a_ghsa_before_a_pysec(find: Find, identifier: str, aliases: list[str], rule: str) -> None:
    (found,) = find([pypi("a", "1.0")], record(identifier, entry("PyPI", "a", "introduced 0"), aliases=aliases))
    assert found.rule == rule
    assert set(found.aliases) == {identifier, *aliases} - {rule}


def test_related_is_no_alias(find: Find) -> None:
    (found,) = find(
        [pypi("a", "1")], record("PYSEC-2026-1", entry("PyPI", "a", "introduced 0"), related=["CVE-2026-1"])
    )
    assert (found.rule, found.aliases) == ("PYSEC-2026-1", ())


def test_an_advisory_of_several_cves_is_one_vulnerability_each_and_an_alias_of_none(find: Find) -> None:
    found = find(
        [deb("libssl3", "3.0.11-1", "openssl")],
        record(
            "DSA-5000-1",
            entry("Debian:12", "openssl", "introduced 0, fixed 3.0.13-1"),
            upstream=["CVE-2026-1000", "CVE-2026-2000"],
        ),
        record(
            "DEBIAN-CVE-2026-1000",
            entry("Debian:12", "openssl", "introduced 0, fixed 3.0.13-1"),
            upstream=["CVE-2026-1000"],
        ),
    )
    assert [(each.rule, each.aliases) for each in found] == [
        ("CVE-2026-1000", ("DEBIAN-CVE-2026-1000",)),
        ("CVE-2026-2000", ()),
    ]
    assert [[hit.advisory.id for hit in each.hits] for each in found] == [
        ["DEBIAN-CVE-2026-1000", "DSA-5000-1"],
        ["DSA-5000-1"],
    ]


def test_packages_of_a_distribution_are_one_by_source_and_compared_by_its_version(find: Find) -> None:
    (found,) = find(
        [
            deb("libssl3", "3.0.11-1", "openssl"),
            deb("openssl", "3.0.11-1"),
            deb("libc-bin", "1:9-1", "glibc", "2.36-9"),
            deb("other", "3.0.11-1"),
        ],
        record(
            "DEBIAN-CVE-2026-1000",
            entry("Debian:12", "openssl", "introduced 0, fixed 3.0.13-1"),
            upstream=["CVE-2026-1000"],
        ),
        record(
            "DEBIAN-CVE-2026-2000",
            entry("Debian:12", "glibc", "introduced 0, fixed 2.36-9"),
            upstream=["CVE-2026-2000"],
        ),
        record("DEBIAN-CVE-2026-3000", entry("Debian:12", "libssl3", "introduced 0"), upstream=["CVE-2026-3000"]),
    )
    assert found.name == "openssl"
    assert [each.name for each in found.packages] == ["libssl3", "openssl"]


def test_the_advisories_of_another_release_do_not_count(find: Find) -> None:
    assert not find(
        [deb("openssl", "1.0-1", release="13")], record("D-1", entry("Debian:12", "openssl", "introduced 0"))
    )


def test_only_affected_copies_are_listed_and_the_upgrade_names_what_each_needs(find: Find) -> None:
    (found,) = find(
        [npm("semver", "5.7.1", "a/p.json"), npm("semver", "10.1.0", "b/p.json"), npm("semver", "7.5.2", "c/p.json")],
        record(
            "GHSA-aaaa-bbbb-cccc", entry("npm", "semver", "introduced 0, fixed 5.7.2", "introduced 9.0.0, fixed 10.2.0")
        ),
    )
    assert [each.version for each in found.packages] == ["10.1.0", "5.7.1"]
    assert found.upgrades == ("5.7.2", "10.2.0")


def test_every_vulnerability_of_a_package_is_cleared_by_the_same_upgrade(find: Find) -> None:
    found = find(
        [pypi("a", "1.0")],
        record("CVE-2026-1000", entry("PyPI", "a", "introduced 0, fixed 1.2")),
        record("CVE-2026-2000", entry("PyPI", "a", "introduced 0, fixed 1.10")),
        record("CVE-2026-3000", entry("PyPI", "a", "introduced 0")),
    )
    assert [(each.rule, each.upgrades) for each in found] == [
        ("CVE-2026-1000", ("1.10",)),
        ("CVE-2026-2000", ("1.10",)),
        ("CVE-2026-3000", ()),
    ]


def test_a_package_is_found_under_any_spelling_of_its_name(find: Find) -> None:
    (found,) = find([pypi("Some_Package", "1.0")], record("X-1", entry("PyPI", "some.package", "introduced 0")))
    assert found.rule == "X-1"


def test_names_on_npm_are_as_they_are(find: Find) -> None:
    known = (
        record("X-1", entry("npm", "@babel/core", "introduced 0")),
        record("X-2", entry("npm", "JSONStream", "introduced 0")),
    )
    found = find([npm("@babel/core", "1.0.0"), npm("jsonstream", "1.0.0")], *known)
    assert [each.rule for each in found] == ["X-1"]


def test_a_version_that_cannot_be_compared_is_said_if_there_is_something_to_compare_with(find: Find) -> None:
    found = find(
        [pypi("a", "unknown"), pypi("b", "unknown")], record("X-1", entry("PyPI", "a", "introduced 0, fixed 1"))
    )
    assert [type(each) for each in found] == [Unread]
    assert found[0].package.name == "a"
    assert "unknown" in found[0].reason


def test_a_version_that_cannot_be_compared_is_affected_where_it_is_listed(find: Find) -> None:
    found = find(
        [pypi("a", "2004d")],
        record("X-1", entry("PyPI", "a", "introduced 0", versions=("2004d",))),
        record("X-2", entry("PyPI", "a", "introduced 0")),
    )
    assert [type(each) for each in found] == [Unread, Vulnerability]
    assert (found[1].rule, found[1].upgrades) == ("X-1", ())


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (
            {"severity": [{"type": "CVSS_V3", "score": V31_LOW}]},
            {"severity": [{"type": "CVSS_V3", "score": V31}]},
            (Severity.LOW, "PYSEC-1"),
        ),
        ({}, {"severity": [{"type": "CVSS_V3", "score": V31}]}, (Severity.CRITICAL, "BIT-1")),
        ({"database_specific": {"severity": "LOW"}}, {}, (Severity.LOW, "PYSEC-1")),
        ({}, {}, None),
    ],
    ids=["matched first", "then another record on it", "a word", "nobody says"],
)
def test_severity_is_that_of_the_matched_records_or_else_of_others_on_it(find: Find, own, other, expected) -> None:
    (found,) = find(
        [pypi("a", "1.0")],
        record("PYSEC-1", entry("PyPI", "a", "introduced 0"), aliases=["CVE-2026-1000"], **own),
        record("BIT-1", entry("Bitnami", "a", "introduced 0"), aliases=["CVE-2026-1000"], **other),
    )
    assert (found.rating and (found.rating[0].severity, found.rating[1])) == expected


def test_severity_of_an_affected_entry_counts_for_it(find: Find) -> None:
    (found,) = find(
        [pypi("a", "1")],
        record("X-1", entry("PyPI", "a", "introduced 0", severity=[{"type": "CVSS_V3", "score": V31}])),
    )
    assert found.rating
    assert found.rating[0].cvss
    assert found.rating[0].cvss.score == 9.8


def test_the_order_of_packages_does_not_matter(find: Find) -> None:
    packages = [pypi("a", "1.0"), pypi("b", "1.0"), npm("a", "1.0.0"), npm("a", "0.9.0")]
    records = [
        record("X-1", entry("PyPI", "a", "introduced 0"), entry("PyPI", "b", "introduced 0")),
        record("X-2", entry("npm", "a", "introduced 0, fixed 2.0.0")),
    ]
    assert find(packages, *records) == find(packages[::-1], *records)


def test_matching_can_be_stopped(tmp_path: Path) -> None:
    write_zip(tmp_path / "source" / "PyPI" / "all.zip", record("X-1", entry("PyPI", "a", "introduced 0")))
    sync(str(tmp_path / "source"), tmp_path / "home")

    def check() -> None:
        raise CancelledError("interrupted")

    with Store.open(tmp_path / "home") as store, pytest.raises(CancelledError):
        list(match([pypi("a", "1.0")], store, check))


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of real exports, and a home they were synced into."""
    folder = shared / "advisories" / "osv"
    if not folder.is_dir():
        pytest.skip(f"the advisories are not here: {folder}")
    home = tmp_path_factory.mktemp("home")
    sync(str(folder), home, ["PyPI", "Debian:12"])
    return folder, home


def records_of(folder: Path, export: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(folder / export / "all.zip") as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist()]


def test_real_python_advisories_are_evaluated_as_univers_would(real: tuple[Path, Path]) -> None:
    """Versions at, just before and just after every kind of event, and listed ones, of 600 records."""
    folder, home = real
    known = [each for each in records_of(folder, "PyPI") if not each.get("withdrawn")]
    by_package: dict[str, list[dict[str, Any]]] = {}
    for each in known:
        by_package.setdefault(each["affected"][0]["package"]["name"], []).append(each)
    chance = random.Random(11)  # noqa: S311 - it draws examples
    pairs = set()
    for each in chance.sample(known, 600):
        affected = each["affected"][0]
        events = [version for part in _ranges(affected) for event in part for version in event.values()]
        candidates = sorted(
            {variant for version in events for variant in (version, f"{version}.dev0", f"{version}.post1")}
        )
        candidates += sorted(affected.get("versions") or ())[:40]
        pairs.add(
            (affected["package"]["name"], chance.choice([one for one in candidates if _is_python(one)] or ["1.0"]))
        )
    assert len(pairs) >= 500
    disagreements = []
    with Store.open(home) as store:
        for name, version in sorted(pairs):
            expected = {each["id"] for each in by_package[name] if _expected(each["affected"][0], version)}
            found = {
                hit.advisory.id
                for each in match([pypi(name, version)], store)
                if isinstance(each, Vulnerability)
                for hit in each.hits
            }
            if found != expected:
                disagreements.append((name, version, found ^ expected))
    assert not disagreements


def _ranges(affected: dict[str, Any]) -> list[list[dict[str, str]]]:
    ranges = [each["events"] for each in affected.get("ranges") or () if each["type"] == "ECOSYSTEM"]
    # Two records of PyPI have a range that ends at no version; the sync rejects those ranges by name.
    return [part for part in ranges if all(_is_python(version) for event in part for version in event.values())]


@functools.cache
def _python(version: str) -> PypiVersion | None:
    return PypiVersion(version) if PypiVersion.is_valid(version) else None


def _is_python(version: str) -> bool:
    return _python(version) is not None


def _expected(affected: dict[str, Any], version: str) -> bool:
    """Intervals, instead of the walk over events that evaluation makes."""
    own = _python(version)
    if any(_python(each) == own for each in affected.get("versions") or ()):
        return True
    for events in _ranges(affected):
        starts = [each["introduced"] for each in events if "introduced" in each]
        ends = [_python(each["fixed"]) for each in events if "fixed" in each]
        for start in starts:
            below = start == "0" or _python(start) <= own
            closed = any((start == "0" or end > _python(start)) and end <= own for end in ends)
            if below and not closed:
                return True
    return False


def test_every_real_debian_record_matches_just_below_its_fix_and_not_at_it(real: tuple[Path, Path]) -> None:
    folder, home = real
    checked = 0
    with Store.open(home) as store:
        for each in records_of(folder, "Debian:12"):
            for affected in each["affected"]:
                name, fix = affected["package"]["name"], affected["ranges"][0]["events"][1]["fixed"]
                below = f"{fix}~"
                assert DebianVersion(below) < DebianVersion(fix)
                before = [one for one in match([deb("x", "1", name, below)], store) if each["upstream"][0] == one.rule]
                assert [
                    (one.rule, [hit.match.fixed for hit in one.hits if hit.advisory.id == each["id"]]) for one in before
                ] == [(each["upstream"][0], [fix])]
                after = [hit.advisory.id for one in match([deb("x", "1", name, fix)], store) for hit in one.hits]
                assert each["id"] not in after
                checked += 1
    assert checked >= 127
