"""Every rule finds the smallest log that breaks it, and nothing in the one that does not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from logs import BROKEN, Broken, clean, physical, place, result, rule, run

from scangate.linting import AZURE, GITHUB, GITLAB, RECEIVERS, RULES, Repository, fix, lint
from scangate.linting.document import Document, parse
from scangate.linting.rules.rule import Effect
from scangate.reporters.sarif.line_hash import line_hashes

TEXT = "".join(f"line {number}\n" for number in range(1, 10))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "src").mkdir()
    for name in ("src/main.tf", "x.tf"):
        (tmp_path / name).write_text(TEXT * 3_000 if name == "x.tf" else TEXT)
    return Repository(tmp_path)


def document(log: dict[str, Any]) -> Document:
    return parse(json.dumps(log).encode())


def names(log: dict[str, Any], receiver: str = GITHUB, repository: Repository | None = None) -> set[str]:
    return {each.rule for each in lint(document(log), receiver, repository).problems}


def test_every_rule_is_broken_here() -> None:
    assert [each.name for each in RULES] == list(BROKEN)
    for each in RULES:
        assert each.meaning
        assert set(each.meaning) <= set(RECEIVERS)
        assert BROKEN[each.name].receiver in each.meaning


def test_every_rule_is_in_the_documentation_with_what_it_means_to_whom() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sarif.md").read_text()
    for each in RULES:
        effects = (str(each.meaning[name][0]) if name in each.meaning else "" for name in RECEIVERS)
        assert f"| `{each.name}` | {' | '.join(effects)} |".replace("  ", " ") in page.replace("  ", " "), each.name


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_the_clean_log_breaks_no_rule(receiver: str, repository: Repository) -> None:
    assert lint(document(clean()), receiver, repository).problems == ()
    before = clean()
    assert fix(document(before), receiver, repository) == (clean(), 0)


@pytest.mark.parametrize(("name", "broken"), BROKEN.items(), ids=BROKEN)
def test_a_rule_finds_what_breaks_it_and_mends_what_can_be(name: str, broken: Broken, repository: Repository) -> None:
    log = clean()
    broken.breaks(log)
    found = lint(replace(document(log), size=broken.size, packed=broken.packed), broken.receiver, repository)
    mine = [each for each in found.problems if each.rule == name]
    assert mine
    assert {each.rule for each in found.problems} - {name} <= broken.also
    assert {each.fixable for each in mine} == {broken.fixable}
    assert all(each.text.endswith(".") and ". " in each.text for each in mine)
    assert all(_there(log, each.pointer) for each in mine)
    if broken.fixable:
        mended, count = fix(document(log), broken.receiver, repository)
        assert count
        # A path that stands for something is no file.
        assert names(mended, broken.receiver, repository) <= {"file-missing"}


def _there(log: Any, pointer: str) -> bool:
    """Whether a pointer leads to a part of the log, or to where one is missing."""
    for name in pointer.split("/")[1:-1]:
        if isinstance(log, list):
            log = log[int(name)]
        elif name in log:
            log = log[name.replace("~1", "/")]
        else:
            return True
    return isinstance(log, dict | list)


def test_the_worst_comes_first() -> None:
    log = clean()
    log.pop("$schema")
    physical(log)["artifactLocation"]["uri"] = "docker://x"
    assert [each.effect for each in lint(document(log), GITHUB).problems] == [Effect.REJECTED, Effect.POOR]


def test_of_too_many_results_the_most_severe_are_kept() -> None:
    log = clean()
    BROKEN["results-not-shown"].breaks(log)
    run(log)["tool"]["driver"]["rules"][1]["properties"]["security-severity"] = "9.9"
    mended, _count = fix(document(log), GITHUB)
    kept = run(mended)["results"]
    assert len(kept) == 5_000
    assert kept[-1]["ruleId"] == "b"


def test_a_message_is_written_from_what_its_id_stands_for() -> None:
    log = clean()
    rule(log)["messageStrings"] = {"default": {"text": "{0} is {1}, not {9}."}}
    result(log)["message"] = {"id": "default", "arguments": ["x", 3]}
    mended, _count = fix(document(log), GITHUB)
    assert result(mended)["message"]["text"] == "x is 3, not {9}."


def test_an_absolute_path_becomes_relative_to_where_the_tool_worked_or_the_repository_lies(tmp_path: Path) -> None:
    for where, bases, root in (
        ("file:///home/ci/w/src/a%20b.tf", {"SRC": {"uri": "file:///home/ci/w/"}}, None),
        ("/home/ci/w/src/a b.tf", {"SRC": {"uri": "file:///home/ci/"}, "S": {"uri": "file:///home/ci/w"}}, None),
        (f"{tmp_path.resolve()}/src/a b.tf", {}, Repository(tmp_path)),
    ):
        log = clean()
        run(log)["originalUriBaseIds"] = bases
        physical(log)["artifactLocation"] = {"uri": where}
        mended, _count = fix(document(log), GITHUB, root)
        assert physical(mended)["artifactLocation"] == {"uri": "src/a%20b.tf"}


def test_what_is_no_file_gets_a_path_that_stands_for_it() -> None:
    for uri, expected in (("https://h:8443/x", "results/https/h/8443/x"), ("debian:12", "results/debian/12")):
        log = clean()
        physical(log)["artifactLocation"] = {"uri": uri}
        mended, _count = fix(document(log), GITHUB)
        assert physical(mended)["artifactLocation"] == {"uri": expected}
    log = clean()
    result(log)["locations"] = [{"logicalLocations": [{"fullyQualifiedName": "pkg:deb/curl"}]}]
    mended, _count = fix(document(log), GITHUB)
    assert physical(mended)["artifactLocation"] == {"uri": "results/pkg/deb/curl"}
    assert result(mended)["locations"][0]["logicalLocations"]


def test_a_missing_fingerprint_is_githubs_own_where_the_file_is_at_hand(repository: Repository) -> None:
    log = clean()
    del result(log)["partialFingerprints"]
    mended, _count = fix(document(log), GITHUB, repository)
    assert result(mended)["partialFingerprints"] == {"primaryLocationLineHash": line_hashes(TEXT)[3]}


def test_a_missing_fingerprint_of_no_file_outlives_a_moved_line_and_tells_equal_results_apart() -> None:
    prints = []
    for line in (3, 30):
        log = clean()
        run(log)["results"] = [{**result(log), "message": {"text": f"Line {line} is bad."}} for _ in range(3)]
        for each in run(log)["results"]:
            each.pop("partialFingerprints")
        physical(log)["region"]["startLine"] = line
        mended, _count = fix(document(log), GITHUB)
        prints.append([each["partialFingerprints"]["primaryLocationLineHash"] for each in run(mended)["results"]])
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 3


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path, repository: Repository) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-secret"
    outside.write_text("x\n")
    (tmp_path / "src/link.tf").symlink_to(outside)
    (tmp_path / "linked").symlink_to(tmp_path / "src")
    for uri in ("src/link.tf", "linked/main.tf", "src", "src/../x.tf", "/etc/passwd", "a\0b", "src/%2e%2e/x.tf"):
        log = clean()
        physical(log)["artifactLocation"]["uri"] = uri
        assert names(log, GITHUB, repository), uri
        assert repository.line_hash(uri, 1) == ""


def test_what_one_receiver_minds_need_not_trouble_another() -> None:
    log = clean()
    result(log)["suppressions"] = [{"kind": "external", "status": "accepted"}]
    assert names(log, GITLAB) == set()
    assert names(log, GITHUB) == {"suppressed"}
    result(log)["suppressions"][0]["status"] = "underReview"
    assert names(log, GITHUB) == set()
    assert "pipeline-id" in names({**clean(), "runs": [{**run(clean()), "automationDetails": {"id": "x/"}}]}, AZURE)


def test_many_problems_of_one_rule_are_counted() -> None:
    log = clean()
    run(log)["results"] = [{**result(log), "locations": [place("a b", n)]} for n in range(1, 1_500)]
    found = lint(document(log), GITLAB)
    assert sum(each.rule == "uri-spelling" for each in found.problems) == 1_000
    assert found.more == (("uri-spelling", 499),)
