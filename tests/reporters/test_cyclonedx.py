"""CycloneDX: valid by the standard's own schema and by the library, honest about analysis, and readable again."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from scangate.core.model import Action, Confidence, Evidence, Fix, Location, Package, Report, Run, Severity, State
from scangate.inventory.sbom import read_sbom
from scangate.reporters import Screen
from scangate.reporters.cyclonedx import CycloneDx, frame

from .generated import reports
from .hostile import TEXTS, poisoned
from .sample import CURL, EDGE, GLIBC, RUNS, WEB, decision, empty, large, passing, sample, vulnerability

SCHEMAS = (
    "jsf-0.82.SNAPSHOT.schema.json",
    "spdx.SNAPSHOT.schema.json",
    "cryptography-defs.SNAPSHOT.schema.json",
    "bom-1.6.SNAPSHOT.schema.json",
)
CASES = {
    "sample": sample(),
    "passing": passing(),
    "empty": empty(),
    "two targets": replace(sample(), targets=(WEB, replace(WEB, id="twin"), EDGE)),
}


@pytest.fixture(scope="module")
def complaints(shared: Path) -> Callable[[Any], list[str]]:
    found = [json.loads((shared / "schemas" / name).read_text()) for name in SCHEMAS]
    known = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}", Resource.from_contents(each))
        for name, each in zip(SCHEMAS, found, strict=True)
    )
    validator = Draft7Validator(found[-1], registry=known, format_checker=Draft7Validator.FORMAT_CHECKER)

    def check(document: Any) -> list[str]:
        return [f"{list(error.absolute_path)}: {error.message[:300]}" for error in validator.iter_errors(document)]

    return check


def render(report: Report) -> Any:
    return json.loads(CycloneDx().render(report, Screen()))


def only(*decisions: Any, packages: tuple[Package, ...] = (), **more: Any) -> Report:
    run = replace(RUNS[0], packages=packages, findings=tuple(each.finding for each in decisions))
    return replace(sample(), decisions=decisions, runs=(run,), targets=(WEB,), **more)


def package(name: str = "curl", version: str = "7.88.1-10", **more: Any) -> Package:
    facts: dict[str, Any] = {"ecosystem": "Debian:12", "purl": f"pkg:deb/debian/{name}@{version}?arch=amd64"} | more
    return Package(name=name, version=version, **facts)


def facts(entry: Any) -> dict[str, str]:
    return {each["name"].removeprefix("scangate:"): each["value"] for each in entry.get("properties", ())}


def test_the_sample_is_rendered_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a wanted change: SCANGATE_RENEW_GOLDEN=1, and read the difference."""
    monkeypatch.setattr(frame, "__version__", "1.2.3")  # a release must not change what is compared
    text = json.dumps(render(sample()), indent=1) + "\n"
    golden = Path(__file__).parent / "golden" / "cyclonedx.json"
    if os.environ.get("SCANGATE_RENEW_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("report", CASES.values(), ids=CASES)
def test_it_is_valid_by_the_schema_of_the_standard(complaints: Callable[[Any], list[str]], report: Report) -> None:
    assert complaints(render(report)) == []


def test_it_is_valid_by_the_strict_validator_of_the_library() -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    text = CycloneDx().render(sample(), Screen())
    try:
        assert validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    except ModuleNotFoundError as error:
        pytest.skip(f"the library's validator is not installed: {error}")


@given(reports())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_report_is_valid_and_the_same_twice(complaints: Callable[[Any], list[str]], report: Report) -> None:
    assert complaints(render(report)) == []
    assert CycloneDx().render(report, Screen()) == CycloneDx().render(report, Screen())


def test_hostile_text_stays_valid(complaints: Callable[[Any], list[str]]) -> None:
    for text in TEXTS:
        assert complaints(render(poisoned(text))) == [], text


def test_all_references_lead_somewhere_and_every_name_is_there_once() -> None:
    for report in CASES.values():
        document = render(report)
        places = [*document["components"], *document["services"], *document["vulnerabilities"]]
        refs = [each["bom-ref"] for each in [document["metadata"]["component"], *places]]
        assert len(refs) == len(set(refs))
        used = {
            each["ref"] for vulnerability in document["vulnerabilities"] for each in vulnerability.get("affects", ())
        }
        used |= {ref for each in document["dependencies"] for ref in (each["ref"], *each.get("dependsOn", ()))}
        assert used <= set(refs)


def test_the_serial_number_is_that_of_the_content() -> None:
    other = replace(sample(), started="2026-11-22T20:15:00Z")
    assert render(sample())["serialNumber"] == render(sample())["serialNumber"] != render(other)["serialNumber"]
    assert render(sample())["metadata"]["timestamp"].startswith("2026-11-21T20:15:00")


def test_one_target_is_what_the_document_is_about_and_several_are_parts_of_it() -> None:
    assert render(sample())["metadata"]["component"]["name"] == "web"
    document = render(CASES["two targets"])
    assert document["metadata"]["component"]["name"] == "deployment"
    assert [each["name"] for each in document["components"] if each["type"] == "container"] == ["twin", "web"]
    tree = {each["ref"]: each.get("dependsOn", ()) for each in document["dependencies"]}
    assert tree["deployment"][:2] == ["target/twin", "target/web"]
    assert all(ref.startswith("web/") for ref in tree["target/web"])


def test_what_listens_is_a_service() -> None:
    (service,) = render(sample())["services"]
    assert (service["name"], service["endpoints"]) == ("redis", ["tcp://203.0.113.10:6379"])


PACKAGES = (
    package(source="curl", source_version="7.88.1-10", layer="sha256:1", paths=("var/lib/dpkg/status",)),
    package("libcurl4", source="curl", source_version="7.88.1-10", licences=("curl",)),
    package("a+b", "1:2~3+4", licences=("MIT OR Apache-2.0",)),
    Package(name="Foo", version="1", ecosystem="Bitnami", purl="pkg:generic/foo@1", confidence=Confidence.FIRM),
    Package(name="g:a", version="1", ecosystem="Maven", purl="pkg:maven/g/a@1", licences=("Apache-2.0", "my licence")),
    Package(
        name="@s/n", version="1", ecosystem="npm", purl="pkg:npm/%40s/n@1", paths=("a/package.json", "b/package.json")
    ),
    Package(name="odd", version="1", ecosystem="", purl="pkg:deb/fedora/odd@1?distro=fedora-40"),
)


def test_what_is_read_back_are_the_same_packages(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(CycloneDx().render(only(packages=PACKAGES), Screen()))
    read = read_sbom(tmp_path / "bom.json")
    assert read.items == tuple(sorted(PACKAGES))
    assert read.format == "CycloneDX 1.6"


def test_licences_are_ids_names_or_one_expression() -> None:
    found = {each["name"]: each.get("licenses") for each in render(only(packages=PACKAGES))["components"]}
    assert found["a+b"] == [{"expression": "MIT OR Apache-2.0"}]
    assert found["g:a"] == [{"license": {"id": "Apache-2.0"}}, {"license": {"name": "my licence"}}]
    assert found["Foo"] is None


def test_the_list_of_a_second_scanner_adds_only_what_the_first_did_not_see() -> None:
    theirs = (replace(PACKAGES[0], purl="pkg:deb/debian/curl@7.88.1-10?distro=debian-12.5", layer=""), package("extra"))
    report = only(packages=PACKAGES[:1])
    report = replace(
        report, runs=(Run(scanner="a-trivy", target="web", status=RUNS[0].status, packages=theirs), *report.runs)
    )
    assert [each["name"] for each in render(report)["components"]] == ["curl", "extra"]


def test_a_vulnerability_says_what_is_known_of_it() -> None:
    fixable = replace(CURL, fix=Fix(summary="upgrade curl to 8", version="8"))
    (found,) = render(only(decision(fixable, Action.FAIL, "critical"), packages=PACKAGES))["vulnerabilities"]
    assert found["id"] == "CVE-2023-38545"
    assert found["source"] == {"name": "NVD", "url": "https://nvd.nist.gov/vuln/detail/CVE-2023-38545"}
    assert found["ratings"][0] == {"source": {"name": "nvd"}, "severity": "critical"}
    assert found["ratings"][1]["method"] == "CVSSv31"
    assert found["cwes"] == [122, 787]
    assert {each["id"] for each in found["references"]} == {"DEBIAN-CVE-2023-38545", "GHSA-xxxx-yyyy-zzzz"}
    assert found["published"] == "2023-10-11T00:00:00Z"
    assert found["analysis"]["response"] == ["update"]
    assert facts(found)["epss"] == "0.26410"
    assert [each["ref"].partition("?")[0] for each in found["affects"]] == [
        "web/pkg:deb/debian/curl@7.88.1-10",
        "web/pkg:deb/debian/libcurl4@7.88.1-10",
    ]


def test_only_the_copies_that_the_evidence_names_are_affected() -> None:
    two = (package(), package(version="9"))
    seen = (Evidence(source="packages", facts=(("installed", "curl 9 (source curl)"),)),)
    (found,) = render(only(decision(replace(CURL, evidence=seen), Action.FAIL), packages=two))["vulnerabilities"]
    assert [each["versions"] for each in found["affects"]] == [[{"version": "9", "status": "affected"}]]


def test_the_state_of_analysis_claims_no_more_than_is_known() -> None:
    sure = replace(GLIBC, known_exploited=True, confidence=Confidence.CONFIRMED)
    unsure = replace(sure, rule="CVE-2024-2", confidence=Confidence.POTENTIAL)
    plain = vulnerability("CVE-2024-3", "pkg:deb/debian/x", "x", Severity.LOW, 2.0)
    waived = decision(
        replace(plain, rule="CVE-2024-4"), Action.ACCEPT, "waiver", waived=True, because="it is not built in"
    )
    gone = decision(replace(plain, rule="CVE-2024-5"), Action.ACCEPT, "baseline", state=State.FIXED)
    nobody = Evidence(source="trivy", facts=(("status", "will not fix"),))
    never = decision(replace(plain, rule="CVE-2024-6", evidence=(nobody,)), Action.ACCEPT)
    known = [decision(each, Action.FAIL) for each in (sure, unsure, plain)]
    found = {each["id"]: each["analysis"] for each in render(only(*known, waived, gone, never))["vulnerabilities"]}
    assert {name: each["state"] for name, each in found.items()} == {
        "CVE-2023-4911": "exploitable",
        "CVE-2024-2": "in_triage",
        "CVE-2024-3": "in_triage",
        "CVE-2024-4": "in_triage",
        "CVE-2024-5": "resolved",
        "CVE-2024-6": "in_triage",
    }
    assert "it is not built in" in found["CVE-2024-4"]["detail"]
    assert found["CVE-2024-6"]["response"] == ["will_not_fix"]
    assert "response" not in found["CVE-2024-5"]


def test_a_finding_whose_package_nobody_listed_gets_one_and_one_that_is_gone_does_not() -> None:
    lone = replace(CURL, location=Location(logical="pkg:deb/debian/curl@7.88.1-10"))
    document = render(only(decision(lone, Action.FAIL)))
    assert [facts(each)["listed"] for each in document["components"]] == ["no: only a finding names it"]
    assert document["vulnerabilities"][0]["affects"][0]["versions"][0]["version"] == "7.88.1-10"
    document = render(only(decision(lone, Action.ACCEPT, state=State.FIXED)))
    assert document["components"] == []
    assert "affects" not in document["vulnerabilities"][0]


def test_what_is_no_vulnerability_of_a_package_is_counted() -> None:
    document = render(sample())
    assert int(facts(document["metadata"])["findingsElsewhere"]) + len(document["vulnerabilities"]) == len(
        sample().decisions
    )


def test_a_large_report_takes_time_in_proportion() -> None:
    """No absolute times: ten times as many findings and packages may take thirty times as long, and not a hundred."""

    def seconds(count: int) -> float:
        listed = tuple(package(f"p{each}") for each in range(count // 10))
        report = large(count)
        report = replace(report, runs=(replace(report.runs[0], packages=listed), *report.runs[1:]))
        began = time.perf_counter()
        CycloneDx().render(report, Screen())
        return time.perf_counter() - began

    seconds(100)
    assert seconds(6_000) < 30 * max(seconds(600), 0.02)
