"""Recordings of checkov 3.3.30 on small trees below /tmp/infra, and what must become of them.

`several`, `one`, `clean`: `checkov --compact --skip-download -o json -d /tmp/infra --framework ... --check ...`;
`account`: the same tree through our driver.
"""

import copy
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.core.model import Confidence, Finding, Severity
from scangate.errors import ScanError
from scangate.scanners.checkov.finding import Place
from scangate.scanners.checkov.parse import Answer, parse

DATA = Path(__file__).parent / "data"
HERE = Place(root="/tmp", base="/tmp/infra")
SEVERAL = {
    "CKV2_DOCKER_1 infra/Dockerfile#RUN",
    "CKV2_DOCKER_1 infra/Dockerfile#RUN (2)",
    "CKV_ARGO_2 infra/argo/w.yaml#spec.spec",
    "CKV_AWS_18 infra/main.tf#aws_s3_bucket.logs",
    "CKV_AWS_3 infra/modules/store/main.tf#module.store.aws_ebs_volume.disk",
    "CKV_K8S_16 infra/k8s/pod.yaml#Pod.default.web",
}


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def read(output: bytes | object, place: Place = HERE, **options: Any) -> Answer:
    text = output if isinstance(output, bytes) else json.dumps(output).encode()
    return parse(text, target="infra", place=place, **options)


def found(output: bytes | object, place: Place = HERE) -> dict[str, Finding]:
    return {f"{each.rule} {each.subject}": each for each in read(output, place).findings}


@pytest.mark.parametrize("name", ["several", "account"])
def test_every_failed_check_becomes_a_finding(name):
    findings = found(recorded(name))
    assert {key for key in findings if "SECRET" not in key} == SEVERAL
    assert sum("CKV_SECRET_2 infra/values.yaml#secret-" in key for key in findings) == 2


def test_a_finding_says_what_is_wrong_where_and_what_to_do():
    finding = found(recorded("several"))["CKV_AWS_18 infra/main.tf#aws_s3_bucket.logs"]
    assert (finding.location.path, finding.location.line, finding.location.end_line) == ("infra/main.tf", 1, 3)
    assert finding.location.logical == "aws_s3_bucket.logs"
    assert finding.title == "Ensure the S3 bucket has access logging enabled"
    assert finding.message == f"aws_s3_bucket.logs in infra/main.tf does not meet CKV_AWS_18: {finding.title}."
    assert finding.fix is not None
    assert finding.fix.summary == "correct aws_s3_bucket.logs in infra/main.tf"
    assert (finding.severity, finding.severity_source) == (Severity.INFO, "scangate's checkov table")
    assert (finding.target, finding.seen_by, finding.help_uri) == ("infra", ("checkov",), "")
    facts = dict(finding.evidence[0].facts)
    assert facts["framework"] == "terraform"
    assert facts["check"] == "CKV_AWS_18"
    assert facts["evaluated keys"] == "logging, resource_type"


def test_a_finding_in_a_module_names_its_caller():
    finding = found(recorded("several"))["CKV_AWS_3 infra/modules/store/main.tf#module.store.aws_ebs_volume.disk"]
    assert finding.message.endswith("It is part of a module that infra/main.tf calls.")


def test_a_secret_is_told_apart_and_not_shown():
    secrets = [finding for finding in read(recorded("several")).findings if finding.rule == "CKV_SECRET_2"]
    assert len({finding.subject for finding in secrets}) == 2
    assert [
        (each.location.line, each.location.end_line) for each in sorted(secrets, key=lambda each: each.location)
    ] == [
        (1, 1),
        (2, 2),
    ]
    hashes = [
        record["resource"]
        for report in json.loads(recorded("several"))
        if report["check_type"] == "secrets"
        for record in report["results"]["failed_checks"]
    ]
    assert len(hashes) == 2
    for finding in secrets:
        assert not [each for each in hashes if each in repr(finding)]
        assert finding.title == "Secret in the repository: AWS Access Key"
        assert finding.cwes == ("CWE-798",)
        assert finding.confidence is Confidence.FIRM
        assert finding.fix is not None
        assert "revoke" in finding.fix.summary


@pytest.mark.parametrize("name", ["several", "account"])
def test_what_could_not_be_parsed_and_what_is_skipped_inline_are_said(name):
    answer = read(recorded(name))
    assert answer.errors == {"/tmp/infra/broken.tf"}
    assert answer.skips == {"infra/main.tf": ("CKV_AWS_18",)}
    assert answer.frameworks == {"terraform", "kubernetes", "dockerfile", "secrets", "argo_workflows"}


def test_inline_skips_can_be_reported_instead():
    answer = read(recorded("account"), heed_skips=False)
    assert not answer.skips
    findings = {f"{each.rule} {each.subject}": each for each in answer.findings}
    reported = findings["CKV_AWS_18 infra/main.tf#aws_s3_bucket.site"]
    assert dict(reported.evidence[0].facts)["skipped in the file"] == "the CDN has the log"
    assert set(findings) - set(found(recorded("account"))) == {"CKV_AWS_18 infra/main.tf#aws_s3_bucket.site"}


def test_a_single_report_is_a_dict_and_a_clean_one_bare_counts():
    assert [finding.rule for finding in read(recorded("one")).findings] == ["CKV2_DOCKER_1", "CKV2_DOCKER_1"]
    assert read(recorded("one")).files == {"/tmp/infra/Dockerfile"}
    assert read(recorded("clean")) == Answer()


def test_our_driver_says_what_was_parsed():
    answer = read(recorded("account"))
    assert answer.parsed["terraform"] == {"/tmp/infra/main.tf": 1, "/tmp/infra/modules/store/main.tf": 1}
    assert not answer.failed


def test_order_lines_and_wording_do_not_change_identity():
    reports = json.loads(recorded("several"))
    before = set(found(reports))
    for report in reports:
        records = report["results"]["failed_checks"]
        records.reverse()
        for record in records:
            record["file_line_range"] = [line + 40 for line in record["file_line_range"]]
            record["check_name"] = "worded otherwise"
            record["resource"] = record["resource"].replace("[5:9]", "[45:49]")
    reports.reverse()
    assert set(found(reports)) == before


def test_the_same_check_seen_by_two_frameworks_is_one_finding_with_both_as_evidence():
    report = json.loads(recorded("one"))
    twin = copy.deepcopy(report)
    twin["check_type"] = "other"
    findings = read([report, twin]).findings
    assert len(findings) == 2
    assert [dict(each.facts)["framework"] for each in findings[0].evidence] == ["dockerfile", "other"]
    assert len(read([report, report]).findings[0].evidence) == 1


def test_the_same_resource_in_two_files_is_two_findings():
    report = json.loads(recorded("one"))
    twin = json.loads(recorded("one").replace(b"/tmp/infra/Dockerfile", b"/tmp/infra/b/Dockerfile"))
    assert len({finding.subject for finding in read([report, twin]).findings}) == 4


RECORD = {"check_id": "CKV_X_1", "check_name": "n", "file_path": "/a.tf", "resource": "r", "file_line_range": [3, 4]}
PLACES = {
    "in the root": (HERE, "/tmp/infra/x/a.tf", "infra/x/a.tf", "infra/x/a.tf"),
    "a module beside the target": (HERE, "/tmp/modules/a.tf", "modules/a.tf", "modules/a.tf"),
    "outside of the root": (Place(root="/r/repo", base="/r/else"), "/r/else/a.tf", "a.tf", ""),
    "a module beside a target outside": (Place(root="/r/repo", base="/r/else/x"), "/r/else/y/a.tf", "../y/a.tf", ""),
    "the root is /": (Place(root="/", base="/tmp"), "/tmp/a.tf", "tmp/a.tf", "tmp/a.tf"),
    "a name that begins like the root": (Place(root="/r/repo", base="/r/repo"), "/r/repo2/a.tf", "../repo2/a.tf", ""),
}


@pytest.mark.parametrize(("place", "path", "named", "shown"), PLACES.values(), ids=PLACES)
def test_paths_are_those_of_the_repository_or_none(place, path, named, shown):
    record = RECORD | {"file_abs_path": path}
    (finding,) = read({"check_type": "terraform", "results": {"failed_checks": [record]}}, place).findings
    assert (finding.subject, finding.location.path) == (f"{named}#r", shown)
    assert finding.location.line == (3 if shown else 0)


FOREIGN = {
    "/deploy/main.tf": "deploy/main.tf",
    "\\deploy\\main.tf": "deploy/main.tf",
    "C:\\build\\deploy\\main.tf": "build/deploy/main.tf",
    "/../../etc/passwd": "etc/passwd",
    "./a//b.tf": "a/b.tf",
}


@pytest.mark.parametrize(("path", "shown"), FOREIGN.items())
def test_paths_of_a_foreign_report_are_made_relative(path, shown):
    record = RECORD | {"file_path": path, "file_abs_path": "C:\\x\\y.tf"}
    (finding,) = read({"check_type": "terraform", "results": {"failed_checks": [record]}}, Place()).findings
    assert finding.location.path == shown


LINES = {(3, 4): (3, 4), (0, 1): (1, 1), (0, 0): (0, 0), (-1, -1): (0, 0), (5, 2): (5, 5)}


@pytest.mark.parametrize(("given_range", "shown"), LINES.items())
def test_lines_are_1_based_or_unknown(given_range, shown):
    record = RECORD | {"file_abs_path": "/tmp/infra/a.tf", "file_line_range": list(given_range)}
    (finding,) = read({"check_type": "terraform", "results": {"failed_checks": [record]}}).findings
    assert (finding.location.line, finding.location.end_line) == shown


def test_a_severity_and_a_guide_from_the_platform_are_taken():
    more = {"severity": "HIGH", "guideline": "https://docs.example.org/x", "details": ["more"]}
    (finding,) = read({"check_type": "terraform", "results": {"failed_checks": [RECORD | more]}}, Place()).findings
    assert (finding.severity, finding.severity_source) == (Severity.HIGH, "checkov")
    assert finding.help_uri == "https://docs.example.org/x"
    assert finding.message.endswith("more")
    bad = RECORD | {"guideline": "javascript:alert(1)", "severity": "odd"}
    (finding,) = read({"check_type": "terraform", "results": {"failed_checks": [bad]}}, Place()).findings
    assert (finding.severity, finding.severity_source) == (Severity.UNKNOWN, "not in scangate's table")
    assert finding.help_uri == ""


WRONG = {
    "nothing": b"",
    "white space": b" \n",
    "not JSON": b"Traceback (most recent call last):",
    "cut off": recorded("several")[:-40],
    "a number": b"5",
    "null": b"null",
    "another object": b'{"version": "2.1.0", "runs": []}',
    "a list of numbers": b"[1, 2]",
    "counts with failures and no checks": b'{"passed": 0, "failed": 3}',
    "results of another shape": b'{"check_type": "x", "results": [1]}',
    "checks of another shape": b'{"check_type": "x", "results": {"failed_checks": ["CKV_1"]}}',
    "a check without an id": b'{"check_type": "x", "results": {"failed_checks": [{"file_path": "/a"}]}}',
    "a check without a file": b'{"check_type": "x", "results": {"failed_checks": [{"check_id": "CKV_1"}]}}',
    "lines that are words": json.dumps(
        {"check_type": "x", "results": {"failed_checks": [RECORD | {"file_line_range": ["a", "b"]}]}}
    ).encode(),
    "nested too deeply": b"[" * 100_000,
}


@pytest.mark.parametrize("output", WRONG.values(), ids=WRONG)
def test_anything_else_is_an_error_with_advice(output):
    with pytest.raises(ScanError) as caught:
        read(output)
    assert caught.value.advice


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*RECORD, "check_type", "results", "failed_checks", "reports", "parsed"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_hostile_json_is_read_or_refused(document):
    try:
        answer = read(document)
    except ScanError:
        return
    assert all(finding.rule for finding in answer.findings)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("rs"), st.integers(1, 9)), unique=True))
def test_no_two_places_are_merged(places):
    records = [
        RECORD | {"file_abs_path": f"/tmp/infra/{path}.tf", "resource": resource, "file_line_range": [line, line]}
        for path, resource, line in places
    ]
    findings = read({"check_type": "terraform", "results": {"failed_checks": records}}).findings
    assert len({finding.subject for finding in findings}) == len(places)


def test_real_reports_of_other_projects_are_read_whole(shared):
    with (shared / "samples" / "raw_counts.tsv").open() as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if row["tool"] == "checkov"]
    assert len(rows) == 5
    for row in rows:
        answer = read((shared / "samples" / "checkov" / row["file"]).read_bytes(), Place())
        assert sum(len(finding.evidence) for finding in answer.findings) <= int(row["raw_count"])
        assert len(answer.findings) == int(row["raw_count"]), row["file"]
        assert all(not finding.location.path.startswith("/") for finding in answer.findings)
