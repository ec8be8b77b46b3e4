"""What one engine reports and another does not is said, and stays a finding."""

from dataclasses import replace

from builders import finding, run
from scangate.core.agreement import disputed
from scangate.core.model import Evidence, Package, Status

PACKAGE = Package(name="openssl", version="3.0.11", ecosystem="Debian:12", purl="pkg:deb/debian/openssl@3.0.11")
RUNS = (run(scanner="packages", packages=(PACKAGE,)), run(scanner="trivy", packages=(PACKAGE,)))
SEEN = finding(subject="pkg:deb/debian/openssl", seen_by=("packages",), evidence=(Evidence(source="packages"),))
SILENT = Evidence(source="trivy", facts=(("not reported", "it lists this package, and reports nothing of this id"),))


def test_an_engine_that_listed_packages_and_is_silent_is_named() -> None:
    assert disputed([SEEN], RUNS) == (replace(SEEN, evidence=(*SEEN.evidence, SILENT)),)


def test_engines_that_agree_need_no_word() -> None:
    both = replace(SEEN, seen_by=("packages", "trivy"))
    assert disputed([both], RUNS) == (both,)


def test_an_engine_that_did_not_end_well_or_looked_elsewhere_is_not_silent() -> None:
    failed = replace(RUNS[1], status=Status.FAILED)
    elsewhere = replace(RUNS[1], target="other")
    without = replace(RUNS[1], packages=())
    for each in (failed, elsewhere, without):
        assert disputed([SEEN], (RUNS[0], each)) == (SEEN,)


def test_only_findings_in_packages_are_compared() -> None:
    other = replace(SEEN, subject="etc/shadow")
    assert disputed([other], RUNS) == (other,)


def test_an_engine_that_does_not_list_the_package_is_not_silent() -> None:
    another = replace(RUNS[1], packages=(replace(PACKAGE, purl="pkg:deb/debian/zlib@1"),))
    assert disputed([SEEN], (RUNS[0], another)) == (SEEN,)


def test_a_binary_package_is_listed_under_its_source() -> None:
    binary = replace(PACKAGE, name="libssl3", purl="pkg:deb/debian/libssl3@3.0.11?arch=amd64", source="openssl")
    (found,) = disputed([SEEN], (RUNS[0], replace(RUNS[1], packages=(binary,))))
    assert SILENT in found.evidence
