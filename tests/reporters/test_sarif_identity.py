"""What a receiver takes for one alert. Alerts must outlive everything that is not the finding, and never be shared."""

import json
import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest

from scangate.core.identity import fingerprint
from scangate.core.model import Decision, Location, Report, Severity, Tool
from scangate.linting import GITLAB
from scangate.reporters import Screen
from scangate.reporters.sarif import FullSarif, GitHubSarif, GitLabSarif, log
from scangate.reporters.sarif.line_hash import line_hashes

from .receiver import linted
from .sample import INFRA, decision, large, misconfiguration, sample

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Read(Location):
    """A location whose file was read."""

    line_hash: str = ""
    code: str = ""
    code_line: int = 0


def github_alerts(report: Report, reporter: GitHubSarif | FullSarif | None = None) -> list[Key]:
    """GitHub: tool, category, rule and fingerprint. The path is left out, so that a moved file keeps its alerts."""
    found = []
    for run in json.loads((reporter or GitHubSarif()).render(report, Screen()))["runs"]:
        category = run["automationDetails"]["id"].rpartition("/")[0]
        found += [
            (category, each["ruleId"], each["partialFingerprints"]["primaryLocationLineHash"])
            for each in run["results"]
        ]
    return found


def gitlab_findings(report: Report) -> list[Key]:
    """GitLab: tool, rule, file, first and last line (its Locations::Sarif, and the UUID made of it)."""
    found = []
    for run in json.loads(GitLabSarif().render(report, Screen()))["runs"]:
        for each in run["results"]:
            place = each["locations"][0]["physicalLocation"]
            lines = (place["region"]["startLine"], place["region"].get("endLine"))
            found.append((each["ruleId"], place["artifactLocation"]["uri"], *lines))
    return found


def changed(report: Report, **facts: Any) -> Report:
    """Change every finding, and nothing of what it is."""
    decisions = tuple(replace(each, finding=replace(each.finding, **facts)) for each in report.decisions)
    return replace(report, decisions=decisions)


def moved(report: Report, by: int) -> Report:
    def down(each: Decision) -> Decision:
        where = each.finding.location
        lines = {"line": where.line + by, "end_line": where.end_line + by} if where.path else {}
        return replace(each, finding=replace(each.finding, location=replace(where, **lines)))

    targets = tuple(
        replace(each, declared_at=replace(each.declared_at, line=each.declared_at.line + by)) for each in report.targets
    )
    return replace(report, decisions=tuple(map(down, report.decisions)), targets=targets)


def retagged(report: Report) -> Report:
    return replace(
        report,
        targets=tuple(replace(each, addresses=("registry.example.com/shop/web:9.9",)) for each in report.targets),
    )


def reordered(report: Report) -> Report:
    chance = random.Random(3)
    parts = {name: list(getattr(report, name)) for name in ("decisions", "targets", "runs")}
    for each in parts.values():
        chance.shuffle(each)
    return replace(report, **{name: tuple(each) for name, each in parts.items()})


def newer(report: Report) -> Report:
    runs = tuple(replace(each, tools=(Tool(name="checkov", version="9.9.9"),)) for each in report.runs)
    return replace(report, runs=runs, started="2027-01-01T00:00:00Z")


CHANGES = {
    "a line shift": lambda report: moved(report, 7),
    "a renamed tag": retagged,
    "a reordered scan": reordered,
    "a new version of the tool": newer,
    "another wording and severity": lambda report: changed(report, title="x", message="y", severity=Severity.LOW),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_github_keeps_its_alerts_over(change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(github_alerts(sample()))
    monkeypatch.setattr(log, "__version__", "99.0.0")
    assert set(github_alerts(change(sample()))) == before


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "a line shift"])
def test_gitlab_keeps_its_findings_over(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(gitlab_findings(sample()))
    monkeypatch.setattr(log, "__version__", "99.0.0")
    assert set(gitlab_findings(CHANGES[change](sample()))) == before


def test_gitlab_keeps_findings_of_images_and_hosts_when_the_config_moves_and_loses_those_of_moved_lines() -> None:
    before, after = (set(gitlab_findings(each)) for each in (sample(), moved(sample(), 7)))
    assert {each for each in before if str(each[1]).startswith("targets/")} <= after
    # Its identity has the lines in it, and a file's lines must be told: nothing can be done about it.
    assert {str(each[1]).split("/")[0] for each in before - after} == {"deploy", "web"}


@pytest.mark.parametrize("alerts", [github_alerts, gitlab_findings])
def test_two_different_findings_are_never_one(alerts: Any) -> None:
    for report in (sample(), large(2_000)):
        met = Counter(alerts(report))
        assert met.most_common(1)[0][1] == 1


def test_gitlab_is_given_a_place_of_its_own_for_each_finding_that_shares_its_lines() -> None:
    twins = [misconfiguration("CKV_K8S_8", name, "x", Severity.LOW, "a.yaml", 3) for name in ("web", "db/../web")]
    alone = misconfiguration("CKV_K8S_9", "web", "x", Severity.LOW, "a.yaml", 3)
    report = replace(
        sample(), decisions=tuple(decision(each, sample().decisions[0].action) for each in (*twins, alone))
    )
    places = [each[1] for each in gitlab_findings(report)]
    assert places[0] != places[1]
    assert sum(str(each).startswith("targets/infra/") for each in places) == 2
    assert places.count("a.yaml") == 1
    assert linted(json.loads(GitLabSarif().render(report, Screen())), GITLAB) == []


def test_subjects_that_look_alike_as_paths_stay_apart() -> None:
    subjects = [
        "a/b",
        "a//b",
        "a/./b",
        "a/b/",
        "/a/b",
        "..",
        ".",
        "",
        "a%2Fb",
        "\udcff",
        "\udcfe",
        "x" * 1_500,
        "x" * 1_501,
    ]
    found = [replace(sample().decisions[0].finding, subject=each) for each in subjects]
    report = replace(sample(), decisions=tuple(decision(each, sample().decisions[0].action) for each in found))
    assert len(set(gitlab_findings(report))) == len(subjects)


TEXT = 'resource "aws_s3_bucket" "logs" {\n  bucket = "shop-logs"\n}\n'


def known(resource: str, line: int, hash_: str, code: str = "") -> Decision:
    finding = misconfiguration("CKV_AWS_18", resource, "x", Severity.LOW, "deploy/main.tf", line)
    where = Read(path="deploy/main.tf", line=line, logical=resource, line_hash=hash_, code=code, code_line=line)
    return decision(replace(finding, location=where), sample().decisions[0].action)


def render(*decisions: Decision) -> list[Any]:
    report = replace(sample(), decisions=decisions, targets=(INFRA,))
    return list(json.loads(GitHubSarif().render(report, Screen()))["runs"][0]["results"])


def test_a_line_whose_hash_is_known_is_recognised_by_it_as_by_githubs_own_action() -> None:
    hash_ = line_hashes(TEXT)[1]
    (result,) = render(known("aws_s3_bucket.logs", 1, hash_))
    assert result["partialFingerprints"]["primaryLocationLineHash"] == hash_
    assert len(result["partialFingerprints"]["scangate/v1"]) == 64
    shifted = line_hashes("# a comment\n" + TEXT)[2]
    assert render(known("aws_s3_bucket.logs", 2, shifted))[0]["partialFingerprints"] == result["partialFingerprints"]


def test_two_findings_of_one_rule_on_one_line_are_told_apart_by_our_value() -> None:
    hash_ = line_hashes(TEXT)[1]
    prints = [each["partialFingerprints"] for each in render(known("a", 1, hash_), known("b", 1, hash_))]
    assert {each["primaryLocationLineHash"] for each in prints} == {f"{each['scangate/v1'][:16]}:1" for each in prints}


def test_known_lines_are_shown_with_their_secrets_masked() -> None:
    code = 'key = "AKIAIOSFODNN7EXAMPLE"\nurl = "https://bob:hunter2@db.example.com"\x1b[31m'
    (result,) = render(known("a", 4, "", code))
    context = result["locations"][0]["physicalLocation"]["contextRegion"]
    assert (context["startLine"], context["endLine"]) == (4, 5)
    assert "AKIA" not in json.dumps(result)
    assert "hunter2" not in json.dumps(result)
    assert "[redacted]" in context["snippet"]["text"]


def test_the_fingerprint_is_that_of_the_baseline() -> None:
    report = sample()
    prints = {each["partialFingerprints"]["scangate/v1"] for each in render(*report.decisions)}
    assert prints <= {fingerprint(each.finding) for each in report.decisions}
    assert prints
