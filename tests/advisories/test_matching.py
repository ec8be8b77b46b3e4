"""Packages against a store: what is one vulnerability, what it is called, and what clears it."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osv_records import entry, record, write_zip
from univers.versions import DebianVersion

from scangate.advisories import FixState, Store, Unread, Vulnerability, match
from scangate.advisories.sync import sync
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
    sync(str(folder), home, ["Debian:12"])
    return folder, home


def records_of(folder: Path, export: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(folder / export / "all.zip") as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist()]


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


def rpm(name: str, version: str, ecosystem: str, source: str = "", source_version: str = "") -> Package:
    return Package(
        name=name,
        version=version,
        ecosystem=ecosystem,
        purl=f"pkg:rpm/x/{name}@{version}",
        source=source or name,
        source_version=source_version or version,
    )


def test_red_hat_names_binary_packages_and_their_products_are_one_release(find: Find) -> None:
    found = find(
        [
            rpm("openssl-libs", "1:3.0.7-24.el9", "Red Hat:9", "openssl"),
            rpm("openssl", "1:3.0.7-25.el9_3", "Red Hat:9"),
        ],
        record(
            "RHSA-2024:1",
            entry("Red Hat:enterprise_linux:9::baseos", "openssl-libs", "introduced 0, fixed 1:3.0.7-25.el9_3"),
            entry("Red Hat:enterprise_linux:9::appstream", "openssl-devel", "introduced 0, fixed 1:3.0.7-25.el9_3"),
            upstream=["CVE-2026-1000"],
        ),
    )
    assert [(each.rule, each.name, each.upgrades) for each in found] == [
        ("CVE-2026-1000", "openssl-libs", ("1:3.0.7-25.el9_3",))
    ]


def test_red_hat_may_name_the_source_package_instead(find: Find) -> None:
    (found,) = find(
        [rpm("perl-Errno", "1.28-420.el8", "Red Hat:8", "perl", "4:5.26.3-420.el8")],
        record(
            "RHSA-2024:1",
            entry("Red Hat:enterprise_linux:8::baseos", "perl", "introduced 0, fixed 4:5.26.3-422.el8"),
            upstream=["CVE-2026-1000"],
        ),
    )
    assert [(hit.version, hit.compared) for hit in found.hits] == [("1.28-420.el8", "4:5.26.3-420.el8")]
    assert (found.name, found.upgrades) == ("perl-Errno", ("4:5.26.3-422.el8",))


def test_extended_support_is_not_the_plain_release(find: Find) -> None:
    assert not find(
        [rpm("bash", "5.1.8-6.el9", "Red Hat:9")],
        record("RHSA-2024:1", entry("Red Hat:rhel_eus:9.2::baseos", "bash", "introduced 0, fixed 5.1.8-9.el9_2")),
    )


@pytest.mark.parametrize(
    ("ecosystem", "written"),
    [
        ("SUSE:15.5", "SUSE:Linux Enterprise Module for Basesystem 15 SP5"),
        ("SUSE:15.5", "SUSE:Linux Enterprise Server 15 SP5-LTSS"),
        ("openSUSE:Leap 15.5", "openSUSE:Leap 15.5"),
        ("Rocky Linux:9", "Rocky Linux:9"),
        ("openEuler:22.03-LTS", "openEuler:22.03-LTS"),
        ("Mageia:9", "Mageia:9"),
    ],
)
def test_these_distributions_name_source_packages(find: Find, ecosystem: str, written: str) -> None:
    (found,) = find(
        [
            rpm("libz1", "1.2.13-150500.4.1", ecosystem, "zlib"),
            rpm("zlib-devel", "1.2.13-150500.4.3.1", ecosystem, "zlib"),
        ],
        record("X-1", entry(written, "zlib", "introduced 0, fixed 1.2.13-150500.4.3.1"), upstream=["CVE-2026-1000"]),
        record("X-2", entry(written, "libz1", "introduced 0"), upstream=["CVE-2026-2000"]),
    )
    assert (found.rule, found.name) == ("CVE-2026-1000", "zlib")
    assert [each.name for each in found.packages] == ["libz1"]


def test_alpine_names_the_origin_and_wolfi_any_package(find: Find) -> None:
    def apk(ecosystem: str) -> Package:
        return rpm("libcrypto3", "3.1.4-r0", ecosystem, "openssl")

    records = [
        record(f"{name}-1", entry(ecosystem, name, "introduced 0, fixed 3.1.4-r1"), upstream=[f"CVE-2026-{number}"])
        for ecosystem in ("Alpine:v3.19", "Wolfi")
        for number, name in ((1000, "openssl"), (2000, "libcrypto3"))
    ]
    assert [each.rule for each in find([apk("Alpine:v3.19")], *records)] == ["CVE-2026-1000"]
    assert [each.rule for each in find([apk("Wolfi")], *records)] == ["CVE-2026-1000", "CVE-2026-2000"]


def test_epochs_tildes_and_backports_decide(find: Find) -> None:
    known = record("D-1", entry("Debian:12", "a", "introduced 0, fixed 1:2.0~rc1-1+deb12u2"))
    affected = ["9.9-1", "1:2.0~beta-1", "1:2.0~rc1-1", "1:2.0~rc1-1+deb12u1"]
    fixed = ["1:2.0~rc1-1+deb12u2", "1:2.0~rc1-1+deb12u10", "1:2.0-1", "2:0.1-1"]
    (found,) = find([deb("a", version) for version in (*affected, *fixed)], known)
    assert sorted(each.version for each in found.packages) == sorted(affected)


def test_a_module_stream_is_told_to_be_in_doubt(find: Find) -> None:
    """Stream 18 of nodejs has its own fix; nothing in the package tells that the other record is not about it."""
    installed = rpm("nodejs", "1:18.20.4-1.module+el8.10.0+1+a", "Rocky Linux:8")
    (found,) = find(
        [installed],
        record(
            "RLSA-18",
            entry("Rocky Linux:8", "nodejs", "introduced 0, fixed 1:18.19.1-1.module+el8.9.0+1+b"),
            upstream=["CVE-2026-1000"],
        ),
        record(
            "RLSA-20",
            entry("Rocky Linux:8", "nodejs", "introduced 0, fixed 1:20.11.1-1.module+el8.9.0+1+c"),
            upstream=["CVE-2026-1000"],
        ),
    )
    assert [hit.advisory.id for hit in found.hits] == ["RLSA-20"]
    assert [name for _version, name in found.dissent] == ["RLSA-18"]
    assert "another record says" in found.doubt


@pytest.mark.parametrize(
    ("more", "ranges", "expected"),
    [
        ({}, "introduced 0, fixed 2.0", FixState.FIXED),
        ({"ecosystem_specific": {"urgency": "unimportant"}}, "introduced 0, fixed 2.0", FixState.FIXED),
        ({}, "introduced 0", FixState.NOT_FIXED),
        ({"ecosystem_specific": {"urgency": "not yet assigned"}}, "introduced 0", FixState.NOT_FIXED),
        ({"ecosystem_specific": {"urgency": "unimportant"}}, "introduced 0", FixState.WILL_NOT_FIX),
        ({"ecosystem_specific": {"urgency": "end-of-life"}}, "introduced 0", FixState.WILL_NOT_FIX),
        ({"database_specific": {"fix_state": "Will not fix"}}, "introduced 0", FixState.WILL_NOT_FIX),
        ({"database_specific": {"fix_state": "Won't fix"}}, "introduced 0", FixState.WILL_NOT_FIX),
        ({"ecosystem_specific": {"fix_state": "Out of support scope"}}, "introduced 0", FixState.WILL_NOT_FIX),
        ({"ecosystem_specific": {"fix_state": "Fix deferred"}}, "introduced 0", FixState.NOT_FIXED),
        ({"ecosystem_specific": {"fix_state": ["Will not fix"]}}, "introduced 0", FixState.NOT_FIXED),
        ({}, "introduced 0, last_affected 1.5", FixState.NOT_FIXED),
    ],
)
def test_the_state_of_the_fix_is_told(find: Find, more: dict[str, Any], ranges: str, expected: FixState) -> None:
    (found,) = find([deb("a", "1.0")], record("D-1", entry("Debian:12", "a", ranges, **more)))
    assert found.fix_state is expected
    assert bool(found.upgrades) == (expected is FixState.FIXED)


def test_a_record_may_refuse_the_fix_as_a_whole(find: Find) -> None:
    (found,) = find(
        [deb("a", "1.0")],
        record("D-1", entry("Debian:12", "a", "introduced 0"), database_specific={"status": "wontfix"}),
    )
    assert found.fix_state is FixState.WILL_NOT_FIX


def test_ranges_of_several_kinds_in_one_entry_are_read_and_commits_are_not(find: Find) -> None:
    mixed = entry("PyPI", "a", "introduced 0, fixed 1.2")
    mixed["ranges"] += [
        {"type": "SEMVER", "events": [{"introduced": "2.0.0"}, {"fixed": "2.3.0"}]},
        {"type": "GIT", "repo": "https://example.com/a", "events": [{"introduced": "0"}, {"fixed": "abcdef"}]},
    ]
    (found,) = find([pypi("a", "1.0"), pypi("a", "1.5"), pypi("a", "2.1"), pypi("a", "9")], record("X-1", mixed))
    assert [each.version for each in found.packages] == ["1.0", "2.1"]


def test_a_withdrawn_record_matches_nothing_and_lends_no_alias(find: Find) -> None:
    (found,) = find(
        [pypi("a", "1.0")],
        record("X-1", entry("PyPI", "a", "introduced 0"), aliases=["CVE-2026-1"], withdrawn="2026-01-01T00:00:00Z"),
        record("X-2", entry("PyPI", "a", "introduced 0")),
    )
    assert (found.rule, found.aliases) == ("X-2", ())


@pytest.mark.parametrize(
    ("ecosystem", "installed", "written", "version", "ranges"),
    [
        ("Maven", "org.a:b", "org.a:b", "2.0.0.RC1", "introduced 0, fixed 2.0.0.Final"),
        ("Go", "stdlib", "stdlib", "1.22rc1", "introduced 1.22.0-rc.1, fixed 1.22.1"),
        ("Go", "example.com/a", "example.com/a", "v2.0.0+incompatible", "introduced 0, fixed 2.0.1+incompatible"),
        ("RubyGems", "rails", "rails", "7.0.0.rc1", "introduced 0, fixed 7.0.0"),
        ("NuGet", "Newtonsoft.Json", "newtonsoft.json", "12.0.3", "introduced 0, fixed 13.0.1"),
        ("Packagist", "Symfony/Http-Kernel", "symfony/http-kernel", "v4.4.49", "introduced 4.4.0, fixed 4.4.50"),
        ("crates.io", "serde_yaml", "serde-yaml", "0.8.3", "introduced 0.6.0-rc1, fixed 0.8.4"),
        ("Hex", "plug", "plug", "1.10.0", "introduced 0, fixed 1.10.4"),
        ("Pub", "http", "http", "0.13.2", "introduced 0, fixed 0.13.3"),
        (
            "SwiftURL",
            "github.com/vapor/vapor",
            "https://github.com/vapor/vapor.git",
            "4.60.2",
            "introduced 0, fixed 4.60.3",
        ),
        ("CRAN", "commonmark", "commonmark", "1.8", "introduced 0.2, fixed 1.8.1"),
        ("Hackage", "aeson", "aeson", "1.5.6.0", "introduced 0.4.0.0, fixed 2.0.1.0"),
        ("ConanCenter", "openssl", "openssl", "1.1.1t", "introduced 0, fixed 1.1.1w"),
    ],
)
def test_each_ecosystem_has_its_order_and_its_names(
    find: Find, ecosystem: str, installed: str, written: str, version: str, ranges: str
) -> None:
    fixed = ranges.rpartition(" ")[2]
    packages = [
        Package(name=installed, version=each, ecosystem=ecosystem, purl=f"pkg:x/{installed}@{each}")
        for each in (version, fixed)
    ]
    (found,) = find(packages, record("X-1", entry(ecosystem, written, ranges)))
    assert [each.version for each in found.packages] == [version]
    assert found.upgrades == (fixed,)
    assert found.hits[0].affected.written == (ecosystem, written)
