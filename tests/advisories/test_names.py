"""Ecosystems and packages under the one name by which they are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.advisories import names


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("PyPI", "PyPI"),
        ("Maven:https://maven.google.com", "Maven"),
        ("Debian:12", "Debian:12"),
        ("Debian:12.5", "Debian:12"),
        ("Debian", "Debian"),
        ("Ubuntu:22.04:LTS", "Ubuntu:22.04:LTS"),
        ("Ubuntu:22.04", "Ubuntu:22.04:LTS"),
        ("Ubuntu:23.10", "Ubuntu:23.10"),
        ("Ubuntu:23.04", "Ubuntu:23.04"),
        ("Ubuntu:Pro:18.04:LTS", "Ubuntu:Pro:18.04:LTS"),
        ("Alpine:v3.19", "Alpine:v3.19"),
        ("Alpine:3.19", "Alpine:v3.19"),
        ("Alpine:edge", "Alpine:edge"),
        ("Red Hat:enterprise_linux:9::baseos", "Red Hat:9"),
        ("Red Hat:enterprise_linux:8::appstream", "Red Hat:8"),
        ("Red Hat:enterprise_linux:10.0", "Red Hat:10"),
        ("Red Hat:rhel_eus:9.2::appstream", "Red Hat:rhel_eus:9.2::appstream"),
        ("Red Hat:enterprise_linux_eus:10.0", "Red Hat:enterprise_linux_eus:10.0"),
        ("Rocky Linux:9.3", "Rocky Linux:9"),
        ("AlmaLinux:8", "AlmaLinux:8"),
        ("SUSE:Linux Enterprise Server 15 SP5", "SUSE:15.5"),
        ("SUSE:Linux Enterprise Server 15 SP3-LTSS", "SUSE:15.3"),
        ("SUSE:Linux Enterprise Server for SAP Applications 12 SP5", "SUSE:12.5"),
        ("SUSE:Linux Enterprise Module for Public Cloud 12", "SUSE:12"),
        ("SUSE:Linux Enterprise Server 16.0", "SUSE:16.0"),
        ("SUSE:Package Hub 15 SP6", "SUSE:15.6"),
        ("SUSE:Linux Enterprise Micro 5.3", "SUSE:Linux Enterprise Micro 5.3"),
        ("SUSE:Manager Server 4.3", "SUSE:Manager Server 4.3"),
        ("openSUSE:Leap 15.5", "openSUSE:Leap 15.5"),
        ("openSUSE:Tumbleweed", "openSUSE:Tumbleweed"),
        ("openEuler:22.03-LTS-SP1", "openEuler:22.03-LTS-SP1"),
        ("Mageia:9", "Mageia:9"),
        ("Wolfi", "Wolfi"),
        ("", ""),
        (":", ""),
    ],
)
def test_an_ecosystem_has_one_name(written: str, expected: str) -> None:
    assert names.canonical(written) == expected
    assert names.canonical(expected) == expected


@given(st.text(st.sampled_from("Red Hat:SUSE15.LinuxEntrpiseSP _-9v"), max_size=40))
def test_the_name_of_a_name_is_itself(written: str) -> None:
    assert names.canonical(names.canonical(written)) == names.canonical(written)


@pytest.mark.parametrize(
    ("ecosystem", "one", "other", "equal"),
    [
        ("PyPI", "Some_Package", "some.package", True),
        ("NuGet", "Newtonsoft.Json", "newtonsoft.json", True),
        ("Packagist", "Symfony/Symfony", "symfony/symfony", True),
        ("crates.io", "serde_json", "serde-json", True),
        ("SwiftURL", "https://github.com/A/B.git", "github.com/a/b", True),
        ("GitHub Actions", "Actions/Checkout", "actions/checkout", True),
        ("npm", "JSONStream", "jsonstream", False),
        ("Maven", "org.a:B", "org.a:b", False),
        ("Go", "github.com/Masterminds/semver", "github.com/masterminds/semver", False),
        ("RubyGems", "Ascii85", "ascii85", False),
        ("CRAN", "Matrix", "matrix", False),
        ("Debian:12", "libX", "libx", False),
    ],
)
def test_names_are_equal_where_the_ecosystem_says_so(ecosystem: str, one: str, other: str, equal: bool) -> None:
    assert (names.package(ecosystem, one) == names.package(ecosystem, other)) is equal


@pytest.mark.parametrize(
    ("export", "ecosystem", "covered"),
    [
        ("Debian", "Debian:12", True),
        ("Debian:12", "Debian:12", True),
        ("Debian:12", "Debian:11", False),
        ("Red Hat", "Red Hat:9", True),
        ("Red Hat:enterprise_linux:9::baseos", "Red Hat:9", True),
        ("SUSE", "SUSE:15.5", True),
        ("SUSE", "openSUSE:Leap 15.5", False),
        ("Alpine", "Alpine:v3.19", True),
        ("Maven:https://maven.google.com", "Maven", True),
        ("Go", "GoLand", False),
    ],
)
def test_an_export_covers_its_releases(export: str, ecosystem: str, covered: bool) -> None:
    assert names.covers(export, ecosystem) is covered
