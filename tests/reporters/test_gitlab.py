"""GitLab's security reports: valid by its schemas, each finding in one of them, and with an identity that lasts."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from scangate.core.model import (
    Action,
    Cvss,
    Data,
    Decision,
    Finding,
    Kind,
    Location,
    Reason,
    Report,
    Run,
    Severity,
    Status,
    Target,
    Verdict,
)
from scangate.reporters import Screen
from scangate.reporters import gitlab as native
from scangate.reporters.gitlab import document
from scangate.reporters.places import place_of

from .generated import reports
from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import CURL, EDGE, INFRA, RUNS, WEB, decision, empty, large, misconfiguration, passing, port, sample

SCHEMAS = {
    "container_scanning": "container-scanning-15.2.4",
    "cluster_image_scanning": "cluster-image-scanning-15.2.1",
    "sast": "sast-15.2.1",
    "dast": "dast-15.2.1",
}
# Read in GitLab's own files of 15.2.1, which the folder of schemas does not have.
LOCATIONS: dict[str, dict[str, Any]] = {
    "secret_detection": {
        "type": "object",
        "required": ["commit"],
        "properties": {
            "file": {"type": "string"},
            "commit": {
                "type": "object",
                "required": ["sha"],
                "properties": {"sha": {"type": "string", "minLength": 1}},
            },
            "start_line": {"type": "number"},
            "end_line": {"type": "number"},
            "class": {"type": "string"},
            "method": {"type": "string"},
        },
    },
    "dependency_scanning": {
        "type": "object",
        "required": ["file", "dependency"],
        "properties": {
            "file": {"type": "string", "minLength": 1},
            "dependency": {
                "type": "object",
                "required": ["package", "version"],
                "properties": {
                    "package": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
                    "version": {"type": "string"},
                },
            },
        },
    },
}
REPORTERS = {
    each.kind: each()
    for each in (
        native.ContainerScanning,
        native.ClusterImageScanning,
        native.DependencyScanning,
        native.Sast,
        native.SecretDetection,
        native.Dast,
    )
}
SECRET = replace(
    misconfiguration("CKV_SECRET_6", "secret-0123456789ab", "Base64 High Entropy String", Severity.HIGH, "app/.env", 3),
    cwes=("CWE-798",),
    location=Location(path="app/.env", line=3),
)
KEY = replace(
    CURL,
    rule="image-private-key",
    subject="etc/key.pem#private-key",
    title="A private key in the image",
    message="/etc/key.pem holds a private key of 1704 characters, line 1.",
    location=Location(logical="/etc/key.pem:1"),
    cwes=("CWE-321",),
    aliases=(),
    help_uri="",
    cvss=None,
    epss=None,
    fix=None,
)
SETTING = replace(KEY, rule="image-root-user", subject="user", cwes=("CWE-250",), location=Location(logical="user"))
LOCK = replace(CURL, target="infra", subject="pkg:npm/lodash", location=Location(path="app/package-lock.json"))
BOM = Target(id="bom", kind=Kind.SBOM, addresses=("sbom/app.json",))
POD = replace(WEB, id="shop.Deployment.web-front.nginx")


def only(*findings: Finding, targets: tuple[Target, ...] = (WEB, EDGE, INFRA, BOM, POD), **more: Any) -> Report:
    decisions = tuple(decision(each, Action.FAIL) for each in findings)
    return replace(sample(), decisions=decisions, targets=targets, **more)


def write(report: Report) -> dict[str, dict[str, Any]]:
    return {kind: json.loads(each.render(report, Screen())) for kind, each in REPORTERS.items()}


def one(finding: Finding, **more: Any) -> tuple[str, dict[str, Any]]:
    """The report that has it, and what it says."""
    found = [(kind, each) for kind, text in write(only(finding, **more)).items() for each in text["vulnerabilities"]]
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def complaints(shared: Path) -> Callable[[Report], list[str]]:
    folder = shared / "schemas" / "gitlab"
    schemas = {kind: json.loads((folder / f"{name}.transcribed.json").read_text()) for kind, name in SCHEMAS.items()}
    for kind, where in LOCATIONS.items():
        schemas[kind] = json.loads(json.dumps(schemas["sast"]))
        schemas[kind]["properties"]["scan"]["properties"]["type"]["enum"] = [kind]
        schemas[kind]["properties"]["vulnerabilities"]["items"]["properties"]["location"] = where
    for schema in schemas.values():
        # GitLab's own files of 15.2.1 do not know CVSS 4.0; the transcriptions do.
        vectors = schema["properties"]["vulnerabilities"]["items"]["properties"]["cvss_vectors"]["items"]
        vectors["oneOf"] = [
            each for each in vectors["oneOf"] if "CVSS:4" not in each["properties"]["vector"]["pattern"]
        ]
        schema["properties"]["scan"]["additionalProperties"] = False
        schema["properties"]["vulnerabilities"]["items"]["additionalProperties"] = False
    validators = {kind: Draft7Validator(schema) for kind, schema in schemas.items()}

    def check(report: Report) -> list[str]:
        return [
            f"{kind} {list(error.absolute_path)}: {error.message[:300]}"
            for kind, text in write(report).items()
            for error in validators[kind].iter_errors(text)
        ]

    return check


@pytest.mark.parametrize("report", [sample(), passing(), empty()], ids=["sample", "passing", "empty"])
def test_every_report_passes_gitlabs_schema(complaints: Callable[[Report], list[str]], report: Report) -> None:
    assert complaints(report) == []


def test_findings_of_every_kind_pass_gitlabs_schema(complaints: Callable[[Report], list[str]]) -> None:
    assert (
        complaints(only(CURL, replace(CURL, target=POD.id), KEY, SETTING, LOCK, SECRET, replace(CURL, target="bom")))
        == []
    )


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_passes_gitlabs_schema(complaints: Callable[[Report], list[str]], text: str) -> None:
    assert complaints(poisoned(text)) == []


@given(reports())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
def test_any_report_passes_gitlabs_schema(complaints: Callable[[Report], list[str]], report: Report) -> None:
    assert complaints(report) == []


@pytest.mark.parametrize("kind", REPORTERS)
def test_a_finding_of_every_kind_is_written_as_recorded(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "__version__", "1.2.3")
    more = (KEY, SECRET, LOCK, replace(CURL, target=POD.id), replace(CURL, target=BOM.id))
    report = replace(
        sample(),
        decisions=(*sample().decisions, *(decision(each, Action.WARN) for each in more)),
        targets=(WEB, EDGE, INFRA, BOM, POD),
        runs=(*RUNS, *(replace(RUNS[0], target=each.id, gaps=()) for each in (BOM, POD))),
    )
    text = REPORTERS[kind].render(report, Screen())
    assert as_recorded(f"gl-{kind.replace('_', '-')}-report.json", text)


def test_every_open_finding_is_in_exactly_one_report() -> None:
    report = replace(
        sample(), decisions=(*sample().decisions, decision(KEY, Action.WARN), decision(SECRET, Action.FAIL))
    )
    ids = [each["id"] for text in write(report).values() for each in text["vulnerabilities"]]
    opened = [each for each in report.decisions if not each.waived and each.state != "fixed"]
    assert len(ids) == len(set(ids)) == len(opened)


@pytest.mark.parametrize(
    ("finding", "kind"),
    [
        (CURL, "container_scanning"),
        (SETTING, "container_scanning"),
        (replace(SETTING, location=Location(path="web/Dockerfile", line=14)), "sast"),
        (KEY, "secret_detection"),
        (replace(CURL, cwes=("CWE-798",)), "container_scanning"),
        (replace(CURL, target=POD.id), "cluster_image_scanning"),
        (replace(CURL, target="bom"), "dependency_scanning"),
        (LOCK, "dependency_scanning"),
        (SECRET, "secret_detection"),
        (misconfiguration("CKV_AWS_18", "x", "Logging is off", Severity.LOW, "a.tf", 1), "sast"),
        (port("203.0.113.10", 23, "telnet"), "dast"),
        (replace(port("203.0.113.10", 23, "telnet"), cwes=("CWE-798",)), "dast"),
        (replace(CURL, target="nobody knows it"), "dependency_scanning"),
    ],
)
def test_a_finding_goes_where_its_target_and_subject_say(finding: Finding, kind: str) -> None:
    assert one(finding)[0] == kind
    assert one(replace(finding, severity=Severity.LOW, message="other words", title="other"))[0] == kind


def test_waived_and_fixed_findings_are_left_out_and_the_waived_are_counted() -> None:
    text = write(sample())["container_scanning"]
    assert "CVE-2023-45853" not in json.dumps(text["vulnerabilities"])
    assert "1 finding waived by the policy, not in this report." in [each["value"] for each in text["scan"]["messages"]]


def identity(kind: str, written: dict[str, Any]) -> tuple[object, ...]:
    """What GitLab makes the identity of where it reads no signatures: the first identifier and a part of the place."""
    place = written["location"]
    package = place.get("dependency", {}).get("package", {}).get("name")
    image, _colon, tag = place.get("image", "").rpartition(":")
    assert not re.match(
        r"\s*[0-9]+(\.[0-9a-zA-Z]+)*", tag
    )  # RubyGems would take it for a version, GitLab for a part of the name
    resource = tuple(place.get("kubernetes_resource", {}).values())
    parts: dict[str, tuple[object, ...]] = {
        "container_scanning": (image, package),
        "cluster_image_scanning": (*resource, package),
        "dependency_scanning": (place.get("file"), package),
        "dast": (place.get("path"), place.get("method"), place.get("param")),
        "sast": (place.get("file"), place.get("start_line"), place.get("end_line")),
        "secret_detection": (place.get("file"), place.get("start_line"), place.get("end_line")),
    }
    return kind, written["identifiers"][0]["type"], written["identifiers"][0]["value"], *parts[kind]


def signature(written: dict[str, Any]) -> str:
    (item,) = written["tracking"]["items"]
    (found,) = item["signatures"]
    assert found["algorithm"] == "scope_offset"
    return str(found["value"])


@pytest.mark.parametrize("address", ["registry.example.com:5000/shop/web:2.0.0", "oci-archive:out/web.tar", "shop/web"])
def test_a_vulnerability_of_an_image_survives_a_new_tag_and_a_new_version(address: str) -> None:
    before = one(CURL)
    moved = replace(WEB, addresses=(address,), declared_at=Location(path="other.yml", line=99))
    packages = tuple(replace(each, version="9.9", purl="pkg:deb/debian/curl@9.9") for each in RUNS[0].packages)
    after = one(
        replace(CURL, message="other words", severity=Severity.LOW),
        targets=(moved,),
        runs=(replace(RUNS[0], packages=packages),),
    )
    assert after[1]["location"]["dependency"]["version"] == "9.9"
    assert identity(*before) == identity(*after)
    assert before[1]["id"] == after[1]["id"]
    assert signature(before[1]) == signature(after[1])


def test_a_vulnerability_of_a_file_survives_a_shift_of_lines() -> None:
    before = one(SECRET)
    after = one(replace(SECRET, location=Location(path="app/.env", line=40)))
    assert after[1]["location"]["start_line"] == 40
    assert (before[1]["id"], signature(before[1])) == (after[1]["id"], signature(after[1]))


def test_ids_are_the_same_on_every_machine() -> None:
    assert one(CURL)[1]["id"] == "01e99efd-a51d-5ce1-94ad-92457aee508b"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CURL, replace(CURL, target="twin")),
        (CURL, replace(CURL, subject="pkg:pypi/curl")),
        (replace(CURL, subject="pkg:npm/bootstrap"), replace(CURL, subject="pkg:gem/bootstrap")),
        (CURL, replace(CURL, subject="curl")),
        (replace(CURL, subject="x" * 2_000), replace(CURL, subject="x" * 2_001)),
        (replace(CURL, subject="a\nb"), replace(CURL, subject="a b")),
        (port("203.0.113.10", 22, "ssh"), port("203.0.113.10", 23, "ssh")),
        (port("203.0.113.10", 22, "ssh"), port("203.0.113.11", 22, "ssh")),
        (port("203.0.113.10", 22, "ssh"), replace(port("203.0.113.10", 22, "ssh"), target="edge2")),
    ],
)
def test_two_findings_never_share_an_identity_even_where_signatures_are_not_read(
    first: Finding, second: Finding
) -> None:
    targets = (WEB, replace(WEB, id="twin"), EDGE, replace(EDGE, id="edge2"))
    both = [one(each, targets=targets) for each in (first, second)]
    assert identity(*both[0]) != identity(*both[1])
    assert both[0][1]["id"] != both[1][1]["id"]


def test_two_secrets_on_the_line_that_declares_an_image_differ_by_their_signatures() -> None:
    both = [one(each)[1] for each in (KEY, replace(KEY, subject="etc/other.pem#private-key"))]
    assert both[0]["location"]["file"] == both[1]["location"]["file"] == "scangate.yml"
    assert signature(both[0]) != signature(both[1])


def test_identifiers_lead_with_the_rule_and_stay_within_twenty() -> None:
    crowded = replace(
        CURL,
        aliases=tuple(f"GHSA-{number:04}-0000-0000" for number in range(100)),
        cwes=tuple(f"CWE-{number}" for number in range(1, 100)),
    )
    found = one(crowded)[1]["identifiers"]
    assert len(found) == 20
    assert found[0] == {
        "type": "cve",
        "name": "CVE-2023-38545",
        "value": "CVE-2023-38545",
        "url": "https://nvd.nist.gov/vuln/detail/CVE-2023-38545",
    }
    assert [each["type"] for each in found].count("cwe") == 10
    assert one(SETTING)[1]["identifiers"][0]["type"] == "scangate"


@pytest.mark.parametrize(
    ("vector", "kept"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", True),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", True),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", False),
        ("CVSS:3.1/AV:N", False),
        ("", False),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" + "/E:X" * 100, False),
    ],
)
def test_only_vectors_that_the_schema_knows_are_written(vector: str, *, kept: bool) -> None:
    assert ("cvss_vectors" in one(replace(CURL, cvss=Cvss(score=9.8, vector=vector)))[1]) is kept


def test_severities_are_gitlabs_words() -> None:
    words = [one(replace(CURL, severity=each))[1]["severity"] for each in sorted(Severity)]
    assert words == ["Unknown", "Info", "Low", "Medium", "High", "Critical"]


def test_no_line_of_a_description_is_a_quick_action_or_a_mention() -> None:
    written = one(replace(CURL, message="/close\n/assign @admin", title="/close"))[1]
    assert not any(each.startswith("/") for each in written["description"].splitlines())
    assert "@admin" not in written["description"]


def test_a_scan_that_did_not_end_well_makes_its_report_a_failure_with_the_reason() -> None:
    found = write(sample())
    assert {kind: each["scan"]["status"] for kind, each in found.items()} == {
        "container_scanning": "success",
        "cluster_image_scanning": "success",
        "dependency_scanning": "success",
        "sast": "success",
        "secret_detection": "success",
        "dast": "failure",
    }
    messages = found["dast"]["scan"]["messages"]
    assert [each["level"] for each in messages] == ["info", "warn", "fatal"]
    assert "the time allowed was used up" in messages[2]["value"]


def test_a_target_that_nobody_scanned_makes_its_report_a_failure() -> None:
    report = replace(passing(), runs=tuple(run for run in passing().runs if run.target != "web"))
    assert write(report)["container_scanning"]["scan"]["status"] == "failure"


def test_no_target_of_a_kind_is_said_and_is_no_failure() -> None:
    scan = write(passing())["cluster_image_scanning"]["scan"]
    assert scan["status"] == "success"
    assert "No target of this kind was to be scanned." in [each["value"] for each in scan["messages"]]


def test_a_gap_is_a_warning_and_so_is_stale_data() -> None:
    stale = Reason(
        verdict=Verdict.INCOMPLETE, text="Debian:12 is 90 days old", remedy="sync", scanner="packages", target="web"
    )
    run = replace(RUNS[0], data=(Data(name="Debian:12", as_of=None),))
    report = replace(passing(), verdict=Verdict.INCOMPLETE, reasons=(stale,), runs=(run, *passing().runs[1:]))
    messages = write(report)["container_scanning"]["scan"]["messages"]
    assert {"level": "warn", "value": "scangate: INCOMPLETE, by the policy baseline"} in messages
    assert {
        "level": "warn",
        "value": "packages on web did not cover opt/legacy/app.jar: no version in its manifest",
    } in messages
    assert {"level": "warn", "value": "Debian:12 is 90 days old (sync)"} in messages


def test_too_many_findings_keep_the_most_important_and_count_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST", 50)
    report = large(2_000)
    text = json.loads(native.ContainerScanning().render(report, Screen()))
    assert len(text["vulnerabilities"]) == 50
    (said,) = [each["value"] for each in text["scan"]["messages"] if "over the limit" in each["value"]]
    of_images = [each for each in report.decisions if each.finding.target == "web" and not each.waived]
    files = [each for each in of_images if each.finding.location.path]
    assert int(said.split()[0].replace(",", "")) == len(of_images) - len(files) - 50
    assert text["vulnerabilities"][0]["severity"] == "Critical"


def test_huge_texts_stay_within_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LARGEST", 10_000)
    text = native.ContainerScanning().render(sample(), Screen())
    assert len(text) < 30_000
    assert "over the limit" in text


def test_the_version_of_a_package_comes_from_the_inventory() -> None:
    place = one(CURL)[1]["location"]
    assert place["dependency"] == {"package": {"name": "curl"}, "version": "7.88.1-10"}
    assert place["operating_system"] == "debian:12"
    assert place["image"] == "web:tag-1.4.2"
    unknown = one(CURL, runs=(Run(scanner="grype", target="web", status=Status.OK, asked=1),))[1]["location"]
    assert (unknown["operating_system"], unknown["dependency"]["version"]) == ("unknown", "")


def test_a_workload_is_read_from_the_name_of_its_target() -> None:
    assert one(replace(CURL, target=POD.id))[1]["location"]["kubernetes_resource"] == {
        "namespace": "shop",
        "kind": "Deployment",
        "name": "web-front",
        "container_name": "nginx",
    }


def test_a_host_is_in_the_path_because_gitlab_ignores_host_names() -> None:
    place = one(port("2001:db8::10", 6379, "redis"))[1]["location"]
    assert (place["hostname"], place["path"]) == ("[2001:db8::10]", "/edge/[2001:db8::10]:6379/tcp")


def test_paths_stay_inside_of_the_repository() -> None:
    for path in ("/etc/passwd", "../x", "a/../../x", ".", "x" * 2_000, "a\nb"):
        found = replace(SECRET, location=Location(path=path, line=3))
        assert place_of(found, INFRA).path == "targets/infra"
    assert place_of(replace(SECRET, location=Location(path="./a//b.tf", line=-5)), INFRA).path == "a/b.tf"


def test_no_remediation_is_made_up() -> None:
    assert all("remediations" not in each for each in write(sample()).values())


def test_equal_decisions_are_written_alike_whatever_else_is_found() -> None:
    alone = one(CURL)[1]
    (among,) = [each for each in write(sample())["container_scanning"]["vulnerabilities"] if each["id"] == alone["id"]]
    assert among["location"] == alone["location"]


def test_decisions_is_the_only_source(complaints: Callable[[Report], list[str]]) -> None:
    nothing: tuple[Decision, ...] = ()
    assert complaints(replace(sample(), decisions=nothing, targets=())) == []
