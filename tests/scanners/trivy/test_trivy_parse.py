"""What trivy reports, as our findings: counted against real reports, and of the same identity as our own scanner's."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from scangate.core.identity import fingerprint, normalise, package_subject
from scangate.core.model import Asked, Evidence, Finding, Gap, Location, Package, Severity
from scangate.errors import ScanError
from scangate.scanners.trivy.parse import parse

RECORDED = Path(__file__).parent / "data" / "packages-0.76.json"
"""What trivy 0.76 wrote here for a Debian image, less most packages. Without a database: it was asked for secrets."""


def items(report, kind=None):
    content = report if isinstance(report, bytes) else json.dumps(report).encode()
    return [each for each in parse(content, "web") if kind is None or isinstance(each, kind)]


def report(*vulnerabilities, packages=None, kind="debian", **more):
    result = {"Target": "x", "Class": "os-pkgs", "Type": kind, "Vulnerabilities": list(vulnerabilities)}
    if packages is not None:
        result["Packages"] = packages
    return {"SchemaVersion": 2, "ArtifactName": "x", "Results": [result], **more}


OPENSSL = {
    "ID": "libssl3@3.0.9-1",
    "Name": "libssl3",
    "Identifier": {"PURL": "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12.1", "UID": "u1"},
    "Version": "3.0.9",
    "Release": "1",
    "SrcName": "openssl",
    "SrcVersion": "3.0.9",
    "SrcRelease": "1",
    "Layer": {"DiffID": "sha256:1"},
}
FOUND = {
    "VulnerabilityID": "CVE-2023-5363",
    "PkgID": "libssl3@3.0.9-1",
    "PkgName": "libssl3",
    "PkgIdentifier": {"PURL": "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12.1", "UID": "u1"},
    "InstalledVersion": "3.0.9-1",
    "FixedVersion": "3.0.11-1~deb12u2",
    "Status": "fixed",
    "Severity": "HIGH",
    "SeveritySource": "nvd",
}


def test_raw_counts_of_real_reports_match(shared):
    rows = csv.reader((shared / "samples" / "raw_counts.tsv").read_text().splitlines(), delimiter="\t")
    checked = 0
    for tool, name, _count, unit, _severities in rows:
        if tool == "trivy":
            wanted = sum(int(part.partition(":")[2]) for part in unit.split("+") if part.startswith("Vulnerabilities"))
            content = (shared / "samples" / "trivy" / name).read_bytes()
            assert len(items(content, Finding)) == wanted, name
            assert items(content, Gap) == []
            checked += 1
    assert checked == 7


def test_severities_of_a_real_report_match(shared):
    found = items((shared / "samples" / "trivy" / "scheme_2_many_vulns.json").read_bytes(), Finding)
    assert Counter(each.severity.name for each in found) == {"CRITICAL": 1, "HIGH": 1, "MEDIUM": 3}
    assert {each.severity_source for each in found} == {"nvd by trivy"}


def test_a_recorded_list_of_packages_is_what_was_asked_for():
    found = items(RECORDED.read_bytes())
    listed = {each.name: each for each in found if isinstance(each, Package)}
    assert listed["bsdutils"].version == "1:2.38.1-5+deb12u3"
    assert (listed["bsdutils"].source, listed["bsdutils"].source_version) == ("util-linux", "2.38.1-5+deb12u3")
    assert {each.ecosystem for each in listed.values()} == {"Debian:12"}
    assert [each.count for each in found if isinstance(each, Asked)] == [len(listed)]


def test_a_finding_merges_with_that_of_our_own_scanner():
    (theirs,) = items(report(FOUND, packages=[OPENSSL]), Finding)
    ours = Finding(
        rule="CVE-2023-5363",
        target="web",
        subject="pkg:deb/debian/openssl",
        title="t",
        severity=Severity.MEDIUM,
        severity_source="debian",
        location=Location(logical="pkg:deb/debian/openssl@3.0.9-1"),
        message="m",
        seen_by=("packages",),
        evidence=(Evidence(source="packages", facts=(("range", "< 3.0.11-1~deb12u1"),)),),
    )
    assert fingerprint(theirs) == fingerprint(ours)
    (merged,) = normalise((ours, theirs))
    assert merged.seen_by == ("packages", "trivy")
    assert [each.source for each in merged.evidence] == ["packages", "trivy"]
    assert ("fixed in", "3.0.11-1~deb12u2") in merged.evidence[1].facts  # where they disagree, both are told


def test_the_list_and_the_finding_speak_of_the_same_package():
    found = items(report(FOUND, packages=[OPENSSL]))
    package, finding = found[0], found[1]
    assert package_subject(package) == finding.subject == "pkg:deb/debian/openssl"
    assert finding.location.logical == package.purl


@pytest.mark.parametrize(
    ("status", "fixed", "said"),
    [
        ("will_not_fix", "", "will not fix"),
        ("affected", "", "affected, no fix yet"),
        ("fixed", "3", "fixed"),
        ("fix_deferred", "", "fix deferred"),
        ("end_of_life", "", "end of life"),
        ("", "", "no fix is known"),
        ("", "3", "fixed"),
    ],
)
def test_the_status_decides_what_can_be_done(status, fixed, said):
    (found,) = items(report(FOUND | {"Status": status, "FixedVersion": fixed}, packages=[OPENSSL]), Finding)
    assert dict(found.evidence[0].facts)["status"] == said
    assert (found.fix.version if found.fix else "") == fixed


def test_secrets_misconfigurations_and_licences_are_not_asked_for():
    result = {"Class": "secret", "Secrets": [{"RuleID": "private-key", "Match": "hunter2"}]}
    document = report(packages=[OPENSSL])
    document["Results"].append(result)
    assert [type(each) for each in items(document)] == [Package, Asked]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"VulnerabilityID": "CVE-1"},
        FOUND | {"VulnerabilityID": "a/b c"},
        FOUND | {"PkgName": 7},
        FOUND | {"PkgIdentifier": {"PURL": "nonsense"}, "PkgID": ""},
    ],
)
def test_what_cannot_be_used_is_a_gap_and_not_nothing(broken):
    found = items(report(broken, packages=[OPENSSL]))
    assert [type(each) for each in found] == [Package, Gap, Asked]
    assert found[-1].count == 2


def test_a_package_of_an_unknown_kind_is_a_gap():
    found = items(report(packages=[{"Name": "a", "Version": "1"}], kind="plan9"))
    assert [each.reason for each in found if isinstance(each, Gap)] == ["packages of plan9 are not known here"]


@pytest.mark.parametrize("content", [b"", b"   ", b"{", b"7", b'"x"', b"{}", b'{"a": 1}', b"[" * 50_000, b"\xff\xfe"])
def test_what_is_no_report_is_an_error(content):
    with pytest.raises(ScanError, match="trivy gave"):
        items(content)


def test_results_that_are_no_list_are_an_error():
    with pytest.raises(ScanError, match="no list"):
        items({"SchemaVersion": 2, "Results": {"a": 1}})
