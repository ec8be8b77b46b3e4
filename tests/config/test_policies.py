"""Policies: from a file or shipped, typed as their schema says, and without rules that nobody can reach."""

import hashlib
import json
from dataclasses import fields
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import TARGETS, TODAY, clauses, finding, findings, law, matches
from scangate.config.policies import builtin_names, load_policy
from scangate.core.model import Action, Confidence, Criticality, Exposure, Kind, PolicyRef, Severity, State
from scangate.core.policy import Match, Policy, Rule, decide
from scangate.core.waiver import Waiver
from scangate.errors import ConfigError, ScangateError, UsageError

SCHEMA: dict[str, Any] = json.loads(files("scangate.config").joinpath("policy.schema.json").read_text())
FULL = """\
version: 1
name: house rules
description: For readers.
unknown_severity: medium
minimum_coverage: 0.9
max_data_age_days: null
optional: [nmap]
rules:
  - name: everything at once
    why: Because.
    action: fail
    allow: 2
    when:
      severity_at_least: high
      confidence_at_least: firm
      cvss_at_least: 7
      fixable: false
      state: unchanged
      age_over_days: 30
      rules: [CVE-*]
      cwes: [CWE-79]
      packages: ["pkg:npm/*"]
      scanners: [nmap, packages]
      targets: [web]
      kinds: [image, hosts, path]
      environments: [prod]
      exposure: [internet, internal, isolated]
      criticality_at_least: low
  - name: the rest
    action: warn
waivers:
  - {rule: CVE-1, reason: nobody can reach it, owner: ann, expires: 2026-12-31}
  - {rule: "*", target: web, subject: "pkg:npm/*", reason: nobody can reach it, owner: ann, expires: 2026-12-31}
"""


def loaded(folder: Path, text: str) -> Policy:
    (folder / "gate.yml").write_text(text, encoding="utf-8")
    return load_policy("gate.yml", folder)


def test_everything_arrives(tmp_path: Path) -> None:
    digest = hashlib.sha256(FULL.encode()).hexdigest()
    assert loaded(tmp_path, FULL) == Policy(
        ref=PolicyRef(name="house rules", source="gate.yml", digest=digest),
        unknown_severity=Severity.MEDIUM,
        minimum_coverage=0.9,
        max_data_age_days=None,
        optional=("nmap",),
        rules=(
            Rule(
                name="everything at once",
                why="Because.",
                action=Action.FAIL,
                allow=2,
                when=Match(
                    severity_at_least=Severity.HIGH,
                    confidence_at_least=Confidence.FIRM,
                    cvss_at_least=7.0,
                    fixable=False,
                    state=State.UNCHANGED,
                    age_over_days=30,
                    rules=("CVE-*",),
                    cwes=("CWE-79",),
                    packages=("pkg:npm/*",),
                    scanners=("nmap", "packages"),
                    targets=("web",),
                    kinds=(Kind.IMAGE, Kind.HOSTS, Kind.PATH),
                    environments=("prod",),
                    exposure=(Exposure.INTERNET, Exposure.INTERNAL, Exposure.ISOLATED),
                    criticality_at_least=Criticality.LOW,
                ),
            ),
            Rule(name="the rest", action=Action.WARN),
        ),
        waivers=(
            Waiver(rule="CVE-1", reason="nobody can reach it", owner="ann", expires=date(2026, 12, 31)),
            Waiver(
                rule="*",
                target="web",
                subject="pkg:npm/*",
                reason="nobody can reach it",
                owner="ann",
                expires=date(2026, 12, 31),
            ),
        ),
    )


def test_the_defaults_are_those_of_the_types(tmp_path: Path) -> None:
    made = loaded(tmp_path, "version: 1\nname: x\nrules: []\n")
    assert made == Policy(ref=made.ref, rules=())


def test_schema_and_types_agree() -> None:
    definitions = SCHEMA["definitions"]
    assert set(SCHEMA["properties"]) - {"version", "name", "description"} == {each.name for each in fields(Policy)} - {
        "ref"
    }
    for name, kind in (("rule", Rule), ("waiver", Waiver), ("when", Match)):
        assert set(definitions[name]["properties"]) == {each.name for each in fields(kind)}
    enumerations = {
        "severity": [each.name.lower() for each in Severity if each],
        "confidence_at_least": [each.name.lower() for each in Confidence],
        "criticality_at_least": [each.name.lower() for each in Criticality],
    }
    when = definitions["when"]["properties"]
    assert definitions["severity"]["enum"] == enumerations["severity"]
    assert when["confidence_at_least"]["enum"] == enumerations["confidence_at_least"]
    assert when["criticality_at_least"]["enum"] == enumerations["criticality_at_least"]
    assert set(when["kinds"]["items"]["enum"]) == set(Kind)
    assert set(when["exposure"]["items"]["enum"]) == set(Exposure)
    assert set(when["state"]["enum"]) == set(State) - {State.FIXED}
    assert set(definitions["rule"]["properties"]["action"]["enum"]) == set(Action)


def test_every_key_says_what_it_is_for() -> None:
    for schema in (SCHEMA, *(SCHEMA["definitions"][name] for name in ("rule", "when", "waiver"))):
        for name, each in schema["properties"].items():
            assert each.get("description"), name


@pytest.mark.parametrize("name", builtin_names())
def test_what_is_shipped_is_valid(name: str, tmp_path: Path) -> None:
    shipped = load_policy(f"builtin:{name}", tmp_path)
    assert (shipped.ref.name, shipped.ref.source) == (name, f"builtin:{name}")
    assert shipped == load_policy(name, tmp_path)
    assert all(rule.why for rule in shipped.rules)
    assert shipped.minimum_coverage == 1.0
    assert shipped.max_data_age_days is not None


def test_three_are_shipped_and_the_schema_names_them() -> None:
    assert builtin_names() == ("advisory", "baseline", "strict")
    schema = json.loads(files("scangate.config").joinpath("config.schema.json").read_text())
    assert all(name in schema["properties"]["policy"]["description"] for name in builtin_names())


def test_what_the_shipped_ones_do() -> None:
    def action(name: str, **changes: Any) -> Action:
        by = load_policy(name, Path("/nowhere"))
        return decide((finding(**changes),), by, targets=TARGETS, states={}, today=TODAY)[0].action

    guess = {"severity": Severity.CRITICAL, "confidence": Confidence.POTENTIAL}
    assert action("baseline", severity=Severity.CRITICAL) is Action.FAIL
    assert action("baseline", severity=Severity.HIGH) is Action.WARN
    assert action("baseline", **guess) is Action.WARN
    assert action("strict", **guess) is Action.FAIL
    assert action("strict", severity=Severity.UNKNOWN) is Action.FAIL
    assert action("strict", severity=Severity.LOW) is Action.WARN
    assert action("advisory", severity=Severity.CRITICAL) is Action.WARN


def test_a_file_named_like_a_shipped_policy_goes_first(tmp_path: Path) -> None:
    (tmp_path / "strict").write_text("version: 1\nname: mine\nrules: []\n")
    assert load_policy("strict", tmp_path).ref.name == "mine"
    assert load_policy("builtin:strict", tmp_path).ref.name == "strict"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("builtin:basline", "there is no policy builtin:basline | did you mean baseline?"),
        ("builtin:x", "shipped are advisory, baseline, strict"),
        ("builtin:../../secret", "there is no policy builtin:../../secret"),
        ("gone.yml", "gone.yml: there is no such policy file | name a file, or one of builtin:advisory"),
        ("", "there is no such policy file"),
        (".", "there is no such policy file"),
        ("x" * 5000, "there is no such policy file"),
    ],
)
def test_a_policy_that_is_not_there_says_which_are(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_policy(source, tmp_path)
    assert message in f"{caught.value.message} | {caught.value.advice}"


def rules(folder: Path, *whens: str) -> Policy:
    lines = [f"  - {{name: r{number}, action: fail, when: {when}}}\n" for number, when in enumerate(whens)]
    return loaded(folder, "version: 1\nname: x\nrules:\n" + "".join(lines))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("{}", "{fixable: true}"),
        ("{fixable: true}", "{fixable: true}"),
        ("{severity_at_least: medium}", "{severity_at_least: critical, fixable: true}"),
        ("{cvss_at_least: 7}", "{cvss_at_least: 7.5}"),
        ("{age_over_days: 0}", "{age_over_days: 30}"),
        ("{kinds: [image, path]}", "{kinds: [path]}"),
        ("{rules: ['CVE-*', X]}", "{rules: [CVE-2024-*, X]}"),
        ("{targets: ['*']}", "{targets: [web]}"),
        ("{state: new}", "{state: new, exposure: [internet]}"),
    ],
)
def test_a_rule_that_another_hides_is_refused(tmp_path: Path, wide: str, narrow: str) -> None:
    with pytest.raises(ConfigError, match="rule r1 is never reached"):
        rules(tmp_path, wide, narrow)
    if wide != narrow:
        assert len(rules(tmp_path, narrow, wide).rules) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{fixable: true}", "{fixable: false}"),
        ("{fixable: true}", "{}"),
        ("{rules: [CVE-1]}", "{rules: [CVE-1, CVE-2]}"),
        ("{severity_at_least: high, confidence_at_least: firm}", "{severity_at_least: critical}"),
        ("{targets: [web]}", "{environments: [web]}"),
    ],
)
def test_a_rule_that_something_can_reach_is_not(tmp_path: Path, first: str, second: str) -> None:
    assert len(rules(tmp_path, first, second).rules) == 2


def spelt(when: Match) -> str:
    """The clauses as YAML (of which JSON is a part)."""
    values = {each.name: getattr(when, each.name) for each in fields(when)}
    return json.dumps(
        {
            name: value.name.lower() if isinstance(value, Severity | Confidence | Criticality) else value
            for name, value in values.items()
            if value is not None
        }
    )


@law
@given(
    wide=matches(),
    narrow=matches(),
    found=st.lists(findings, max_size=5, unique_by=lambda each: (each.rule, each.target, each.subject)),
)
def test_a_rule_that_is_refused_really_never_matches(
    tmp_path_factory: pytest.TempPathFactory, wide: Match, narrow: Match, found: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("policy")
    try:
        rules(folder, spelt(wide), spelt(narrow))
    except ConfigError:
        by = Policy(
            ref=PolicyRef(name="x", source="x", digest="x"),
            rules=(
                Rule(name="wide", action=Action.WARN, when=wide),
                Rule(name="narrow", action=Action.FAIL, when=narrow),
            ),
        )
        decisions = decide(found, by, targets=TARGETS, states={}, today=TODAY)
        assert all(each.by != "narrow" for each in decisions)


@law
@given(st.data())
def test_what_is_written_is_what_is_meant(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    when = Match(**{name: data.draw(strategy) for name, strategy in clauses.items()})
    (rule,) = rules(tmp_path_factory.mktemp("policy"), spelt(when)).rules
    assert rule.when == when


@law
@given(st.data())
def test_a_valid_policy_with_anything_changed_is_a_policy_or_a_mistake(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    lines = FULL.splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    value = data.draw(
        st.sampled_from(["null", "[]", "{}", "-1", "1.5", "true", "[[x]]", '"\\0"', "2026-13-01"])
        | st.text(max_size=9).map(json.dumps)
    )
    lines[index] = f"{lines[index].partition(':')[0]}: {value}"
    try:
        made = loaded(tmp_path_factory.mktemp("policy"), "\n".join(lines))
    except ScangateError:
        return
    assert isinstance(made, Policy)
