"""What grype reports, as our findings: counted against real reports, and of the same identity as our own scanner's."""

import csv
import json
from collections import Counter
from datetime import date

import pytest

from scangate.core.identity import fingerprint, normalise
from scangate.core.model import Asked, Cvss, Data, Finding, Gap, Location, Note, Severity
from scangate.errors import ScanError
from scangate.scanners.grype.parse import parse

# Constructed after the fields of grype 0.9x (schema 6): the program cannot be installed where this was written.
MATCH = {
    "vulnerability": {
        "id": "CVE-2023-5363",
        "dataSource": "https://security-tracker.debian.org/tracker/CVE-2023-5363",
        "namespace": "debian:distro:debian:12",
        "severity": "High",
        "description": "A bug in the processing of key lengths.\nMore.",
        "cvss": [
            {"version": "2.0", "vector": "AV:N", "metrics": {"baseScore": 5}},
            {"version": "3.1", "vector": "CVSS:3.1/AV:N", "metrics": {"baseScore": 7.5}},
        ],
        "fix": {"versions": ["3.0.11-1~deb12u2"], "state": "fixed"},
        "epss": [{"cve": "CVE-2023-5363", "epss": 0.01, "percentile": 0.8, "date": "2026-11-01"}],
        "knownExploited": [{"cve": "CVE-2023-5363", "dateAdded": "2024-01-01"}],
    },
    "relatedVulnerabilities": [{"id": "CVE-2023-5363", "namespace": "nvd:cpe"}],
    "matchDetails": [{"type": "exact-match", "matcher": "dpkg-matcher", "found": {"versionConstraint": "< 3.0.11"}}],
    "artifact": {
        "name": "libssl3",
        "version": "3.0.9-1",
        "type": "deb",
        "locations": [{"path": "/var/lib/dpkg/status", "layerID": "sha256:1"}],
        "purl": "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12&upstream=openssl",
        "upstreams": [{"name": "openssl"}],
    },
}  # fmt: skip
STATUS = {"schemaVersion": "v6.0.2", "built": "2026-11-20T01:31:49Z", "path": "/x/vulnerability.db", "valid": True}


def report(*matches, status=STATUS, **more):
    return {
        "matches": list(matches),
        "source": {"type": "image", "target": {"userInput": "web"}},
        "distro": {"name": "debian", "version": "12"},
        "descriptor": {"name": "grype", "version": "0.98.0", "db": {"status": status}},
    } | more


def changed(part, **more):
    return MATCH | {part: MATCH[part] | more}


def items(document, kind=None):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return [each for each in parse(content, "web") if kind is None or isinstance(each, kind)]


def test_raw_counts_and_severities_of_real_reports_match(shared):
    words = {"Negligible": "INFO"}
    checked = 0
    for row in csv.reader((shared / "samples" / "raw_counts.tsv").read_text().splitlines(), delimiter="\t"):
        if row[0] == "anchore_grype":
            found = items((shared / "samples" / "anchore_grype" / row[1]).read_bytes())
            findings = [each for each in found if isinstance(each, Finding)]
            assert len(findings) == int(row[2]), row[1]
            expected = dict(part.split("=") for part in row[4].split(";") if part)
            got = Counter(each.severity.name for each in findings)
            assert got == {words.get(name, name.upper()): int(count) for name, count in expected.items()}
            assert not [each for each in found if isinstance(each, Gap)]
            checked += 1
    assert checked == 4


def test_a_match_says_what_is_known_of_it():
    (found,) = items(report(MATCH), Finding)
    assert (found.severity, found.severity_source) == (Severity.HIGH, "debian:distro:debian:12 by grype")
    assert found.cvss == Cvss(score=7.5, vector="CVSS:3.1/AV:N")
    assert (found.epss, found.known_exploited) == (0.01, True)
    assert found.title == "A bug in the processing of key lengths."
    facts = dict(found.evidence[0].facts)
    assert facts["installed"] == "libssl3 3.0.9-1 (source openssl)"
    assert (facts["status"], facts["fixed in"]) == ("fixed", "3.0.11-1~deb12u2")
    assert (facts["layer"], facts["path"]) == ("sha256:1", "var/lib/dpkg/status")


def test_a_finding_merges_with_that_of_our_own_scanner():
    (theirs,) = items(report(MATCH), Finding)
    ours = Finding(
        rule="CVE-2023-5363",
        target="web",
        subject="pkg:deb/debian/openssl",
        title="t",
        severity=Severity.LOW,
        severity_source="s",
        location=Location(),
        message="m",
        seen_by=("packages",),
    )
    assert fingerprint(theirs) == fingerprint(ours)
    assert normalise((ours, theirs))[0].seen_by == ("grype", "packages")


def test_an_advisory_of_one_vulnerability_is_its_other_name():
    language = changed("vulnerability", id="GHSA-1111-2222-3333") | {"relatedVulnerabilities": [{"id": "CVE-2020-1"}]}
    (found,) = normalise(items(report(language), Finding))
    assert (found.rule, found.aliases) == ("CVE-2020-1", ("GHSA-1111-2222-3333",))


def test_an_advisory_of_several_vulnerabilities_is_no_other_name_of_any():
    several = [{"id": f"CVE-2020-{number}"} for number in range(3)]
    (found,) = items(report(changed("vulnerability", id="ALAS-2020-1") | {"relatedVulnerabilities": several}), Finding)
    assert (found.rule, found.aliases) == ("ALAS-2020-1", ())
    assert [value for name, value in found.evidence[0].facts if name == "about"] == [each["id"] for each in several]


@pytest.mark.parametrize(
    ("state", "versions", "said"),
    [
        ("fixed", ["2"], "fixed"),
        ("not-fixed", [], "affected, no fix yet"),
        ("wont-fix", [], "will not fix"),
        ("unknown", [], "no fix is known"),
        ("new-word", [], "no fix is known"),
    ],
)
def test_the_state_of_the_fix_decides_what_can_be_done(state, versions, said):
    (found,) = items(report(changed("vulnerability", fix={"state": state, "versions": versions})), Finding)
    assert dict(found.evidence[0].facts)["status"] == said
    assert (found.fix is not None) == bool(versions)


@pytest.mark.parametrize(
    ("status", "day"),
    [
        (STATUS, date(2026, 11, 20)),
        (STATUS | {"valid": False}, None),
        (STATUS | {"error": "corrupt"}, None),
        (STATUS | {"built": "soon"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_report_says_how_old_its_data_are(status, day):
    (data,) = items(report(status=status), Data)
    assert data.as_of == day


def test_what_grype_ignores_by_itself_is_said():
    assert items(report(ignoredMatches=[{}, {}]), Note)[0].text == "grype left out 2 matches by rules of its own"


def test_a_clean_image_was_looked_at():
    assert items(report(), Asked) == [Asked(unit="images", count=1)]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        7,
        changed("vulnerability", id="a b"),
        changed("artifact", name=""),
        changed("artifact", purl="nonsense"),
        changed("artifact", purl="", type="plan9"),
        changed("artifact", purl="pkg:npm/a", version=""),
    ],
)
def test_what_cannot_be_used_is_a_gap_and_not_nothing(broken):
    found = items(report(broken, MATCH))
    assert Counter(type(each) for each in found) == {Data: 1, Gap: 1, Finding: 1, Asked: 1}
    assert found[-1].count == 2


@pytest.mark.parametrize("content", [b"", b" ", b"{", b"7", b"[]", b"{}", b'{"matches": {}}', b"[" * 50_000])
def test_what_is_no_report_is_an_error(content):
    with pytest.raises(ScanError, match="grype gave"):
        items(content)


@pytest.mark.parametrize("missing", [{"source": None}, {"descriptor": {}}, {"descriptor": {"name": "other"}}])
def test_a_report_without_source_or_name_is_none_even_after_exit_0(missing):
    with pytest.raises(ScanError, match="without its end"):
        items(report(MATCH, **missing))
