# ruff: noqa: E501 - a table: one row for each rule
"""A small log that every receiver takes, and one way to break it for each rule."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scangate.linting import AZURE, GITHUB, GITLAB

Log = dict[str, Any]
BUILD = "azuredevops/pipeline/build/"


def clean() -> Log:
    """Two results of two rules in one file, with all that anybody asks for."""
    rules = [
        {
            "id": name,
            "name": f"Rule{name.upper()}",
            "shortDescription": {"text": "Something is off."},
            "fullDescription": {"text": "Something is off, and this is why."},
            "help": {"text": "Turn it on."},
            "defaultConfiguration": {"level": "warning"},
            "properties": {"tags": ["security", "cwe-284"], "security-severity": "5.5"},
        }
        for name in ("a", "b")
    ]
    results = [
        {
            "ruleId": rule["id"],
            "ruleIndex": index,
            "level": "warning",
            "message": {"text": f"Rule {rule['id']} is broken."},
            "locations": [place("src/main.tf", 3 + index)],
            "partialFingerprints": {"primaryLocationLineHash": f"{index}bc:1"},
        }
        for index, rule in enumerate(rules)
    ]
    run = {
        "tool": {"driver": {"name": "tool", "fullName": "tool 1", "semanticVersion": "1.0.0", "rules": rules}},
        "automationDetails": {
            "id": f"{BUILD}org/project/1/2/main/3/",
            "properties": {
                f"{BUILD}buildDefinitionId": 7,
                f"{BUILD}buildDefinitionName": "nightly",
                f"{BUILD}phaseId": "00000000-0000-0000-0000-00000000000a",
                f"{BUILD}phaseName": "scan",
            },
        },
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def place(uri: str, line: int = 1) -> Log:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """`breaks` changes the clean log; `also` are rules that it cannot help but break with it."""

    breaks: Callable[[Log], object]
    receiver: str = GITHUB
    fixable: bool = True
    also: frozenset[str] = frozenset()
    size: int = 5_000
    packed: int = 1_000


def run(log: Log) -> Log:
    return log["runs"][0]


def rule(log: Log) -> Log:
    return run(log)["tool"]["driver"]["rules"][0]


def result(log: Log) -> Log:
    return run(log)["results"][0]


def physical(log: Log) -> Log:
    return result(log)["locations"][0]["physicalLocation"]


def more_results(count: int) -> Callable[[Log], object]:
    def change(log: Log) -> None:
        lows = [
            {
                **result(log),
                "locations": [place("x.tf", n)],
                "level": "note",
                "partialFingerprints": {"primaryLocationLineHash": f"{n}:1"},
            }
            for n in range(1, count)
        ]
        run(log)["results"][:0] = lows

    return change


def more_runs(log: Log) -> None:
    for number in range(20):
        log["runs"].append(
            {
                **run(log),
                "results": [],
                "automationDetails": {**run(log)["automationDetails"], "id": f"{BUILD}{number}/"},
            }
        )


def twins(log: Log) -> None:
    log["runs"].append({**run(log), "results": []})


def steps(count: int) -> Log:
    return {"codeFlows": [{"threadFlows": [{"locations": [{"location": place("x.tf")}] * count}]}]}


BROKEN: dict[str, Broken] = {
    "version": Broken(breaks=lambda log: log.update(version="2.0.0"), fixable=False),
    "schema-missing": Broken(breaks=lambda log: log.pop("$schema")),
    "schema-draft": Broken(breaks=lambda log: log.update({"$schema": "https://x.example/sarif-2.1.0-rtm.5.json"})),
    "no-run": Broken(breaks=lambda log: log.update(runs=[]), fixable=False),
    "run-type": Broken(breaks=lambda log: log["runs"].append("x"), fixable=False),
    "too-many-runs": Broken(breaks=more_runs, fixable=False),
    "file-too-large": Broken(breaks=lambda log: None, receiver=GITLAB, fixable=False, size=10_000_001),
    "upload-too-large": Broken(breaks=lambda log: None, fixable=False, packed=10_000_001),
    "tool-name": Broken(breaks=lambda log: run(log)["tool"]["driver"].update(name=""), fixable=False),
    "no-results": Broken(breaks=lambda log: run(log).pop("results"), fixable=False),
    "run-unsuccessful": Broken(breaks=lambda log: run(log)["invocations"][0].update(executionSuccessful=False), fixable=False),
    "same-run": Broken(breaks=twins),
    "category-missing": Broken(breaks=lambda log: run(log).pop("automationDetails"), fixable=False),
    "category-slash": Broken(breaks=lambda log: run(log).update(automationDetails={"id": "nightly"})),
    "too-many-results": Broken(breaks=more_results(25_001), also=frozenset({"results-not-shown"})),
    "results-not-shown": Broken(breaks=more_results(5_001)),
    "too-many-rules": Broken(
        breaks=lambda log: run(log)["tool"]["driver"]["rules"].extend({**rule(log), "id": f"r{n}"} for n in range(25_000)), fixable=False
    ),
    "too-many-extensions": Broken(breaks=lambda log: run(log)["tool"].update(extensions=[{"name": "x"}] * 101), fixable=False),
    "rule-id": Broken(breaks=lambda log: rule(log).pop("id"), fixable=False, also=frozenset({"rule-undescribed", "rule-index"})),
    "rule-twice": Broken(breaks=lambda log: run(log)["tool"]["driver"]["rules"].append(dict(rule(log))), fixable=False),
    "rule-texts": Broken(breaks=lambda log: rule(log).pop("help")),
    "rule-text-length": Broken(breaks=lambda log: rule(log)["fullDescription"].update(text="x" * 1_025)),
    "rule-name-length": Broken(breaks=lambda log: rule(log).update(name="x" * 256)),
    "rule-link-length": Broken(breaks=lambda log: rule(log).update(helpUri="https://x.example/" + "x" * 2_048), receiver=GITLAB),
    "too-many-tags": Broken(breaks=lambda log: rule(log)["properties"]["tags"].extend("abcdefghijklmnopqrs"), also=frozenset({"tags-not-read"})),
    "tags-not-read": Broken(breaks=lambda log: rule(log)["properties"]["tags"].extend("abcdefghi")),
    "rule-level": Broken(breaks=lambda log: rule(log).update(defaultConfiguration={"level": "catastrophic"})),
    "rule-name": Broken(breaks=lambda log: rule(log).pop("name"), receiver=AZURE),
    "severity-not-a-number": Broken(breaks=lambda log: rule(log)["properties"].update({"security-severity": "high"})),
    "severity-not-a-string": Broken(breaks=lambda log: rule(log)["properties"].update({"security-severity": 5.5})),
    "severity-out-of-range": Broken(breaks=lambda log: rule(log)["properties"].update({"security-severity": "0.0"})),
    "severity-untagged": Broken(breaks=lambda log: rule(log)["properties"].update(tags=["x"])),
    "severity-on-result": Broken(
        breaks=lambda log: (rule(log)["properties"].pop("security-severity"), result(log).update(properties={"security-severity": "9.1"}))
    ),
    "rank-out-of-range": Broken(breaks=lambda log: result(log).update(rank=-1.0), receiver=GITLAB),
    "rank-between-bands": Broken(breaks=lambda log: result(log).update(rank=39.95), receiver=GITLAB),
    "rule-unnamed": Broken(breaks=lambda log: result(log).pop("ruleId")),
    "rule-undescribed": Broken(breaks=lambda log: (result(log).update(ruleId="z"), result(log).pop("ruleIndex"))),
    "rule-index": Broken(breaks=lambda log: result(log).update(ruleIndex=1)),
    "no-problem": Broken(breaks=lambda log: result(log).update(kind="pass", level="none")),
    "kind": Broken(breaks=lambda log: result(log).update(kind="disaster")),
    "level": Broken(breaks=lambda log: result(log).update(level="high")),
    "kind-and-level": Broken(breaks=lambda log: result(log).update(kind="review")),
    "suppressed": Broken(breaks=lambda log: result(log).update(suppressions=[{"kind": "external"}])),
    "absent": Broken(breaks=lambda log: result(log).update(baselineState="absent")),
    "too-many-locations": Broken(
        breaks=lambda log: result(log).update(locations=[place("x.tf")] * 1_001), also=frozenset({"locations-not-shown"})
    ),
    "locations-not-shown": Broken(breaks=lambda log: result(log).update(locations=[place("x.tf")] * 101)),
    "too-many-steps": Broken(breaks=lambda log: result(log).update(steps(10_001)), also=frozenset({"steps-not-shown"})),
    "steps-not-shown": Broken(breaks=lambda log: result(log).update(steps(1_001))),
    "message-text": Broken(breaks=lambda log: result(log).update(message={"markdown": "**x**"})),
    "message-length": Broken(breaks=lambda log: result(log)["message"].update(text="x" * 1_025), receiver=GITLAB),
    "message-link": Broken(breaks=lambda log: result(log)["message"].update(text="see [here](3)"), fixable=False),
    "message-nul": Broken(breaks=lambda log: result(log)["message"].update(text="x\0y"), receiver=GITLAB),
    "no-location": Broken(breaks=lambda log: result(log).pop("locations")),
    "no-uri": Broken(breaks=lambda log: physical(log).update(artifactLocation={"index": 0})),
    "uri-scheme": Broken(breaks=lambda log: physical(log).update(artifactLocation={"uri": "docker://x:1/y"})),
    "uri-absolute": Broken(breaks=lambda log: physical(log).update(artifactLocation={"uri": "file:///w/x.tf"})),
    "uri-outside": Broken(breaks=lambda log: physical(log).update(artifactLocation={"uri": "../x.tf"}), fixable=False, also=frozenset({"file-missing"})),
    "uri-spelling": Broken(breaks=lambda log: physical(log).update(artifactLocation={"uri": "a b\\c.tf"}), also=frozenset({"file-missing"})),
    "uri-base": Broken(
        breaks=lambda log: (
            run(log).update(originalUriBaseIds={"SRC": {"uri": "file:///w/"}}),
            physical(log)["artifactLocation"].update(uriBaseId="SRC"),
        ),
        receiver=GITLAB,
    ),
    "no-line": Broken(breaks=lambda log: physical(log).pop("region")),
    "region-number": Broken(breaks=lambda log: physical(log)["region"].update(startColumn=0)),
    "region-order": Broken(breaks=lambda log: physical(log)["region"].update(endLine=2)),
    "file-missing": Broken(breaks=lambda log: physical(log).update(artifactLocation={"uri": "src/gone.tf"}), fixable=False),
    "line-missing": Broken(breaks=lambda log: physical(log)["region"].update(startLine=1_000)),
    "fingerprint-missing": Broken(breaks=lambda log: result(log).pop("partialFingerprints")),
    "fingerprint-shared": Broken(breaks=lambda log: run(log)["results"].append(dict(result(log)))),
    "same-place": Broken(breaks=lambda log: run(log)["results"].append(dict(result(log))), receiver=GITLAB, fixable=False),
    "filed-as-secret": Broken(breaks=lambda log: rule(log)["properties"].update(tags=["security", "cwe-319"]), receiver=GITLAB, fixable=False),
    "mostly-skipped": Broken(
        breaks=lambda log: run(log)["results"].extend({"message": {"text": "x"}} for _ in range(3)),
        receiver=GITLAB,
        fixable=False,
        also=frozenset({"rule-unnamed", "no-location"}),
    ),
    "tool-full-name": Broken(breaks=lambda log: run(log)["tool"]["driver"].pop("fullName"), receiver=AZURE),
    "no-rules": Broken(
        breaks=lambda log: (run(log)["tool"]["driver"].pop("rules"), run(log).update(results=[])), receiver=AZURE
    ),
    "pipeline-id": Broken(breaks=lambda log: run(log)["automationDetails"].update(id="x/"), receiver=AZURE, fixable=False),
    "pipeline-build": Broken(
        breaks=lambda log: run(log)["automationDetails"]["properties"].pop(f"{BUILD}buildDefinitionId"), receiver=AZURE, fixable=False
    ),
}  # fmt: skip
