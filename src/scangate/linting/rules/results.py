"""A result: its rule, its kind, its level, and how much hangs on it."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.linting.case import Case, Node, RunView, items, nodes, part, rule_id, suppressed, text, whole
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, RECEIVERS, Effect, Hit, Rule

LOCATIONS_TAKEN, LOCATIONS_SHOWN = 1_000, 100
STEPS_TAKEN, STEPS_SHOWN = 10_000, 1_000
_LEVELS: Final = frozenset({"none", "note", "warning", "error"})
_HARMLESS: Final = frozenset({"pass", "notApplicable"})
_KINDS: Final = frozenset({"fail", "review", "open", "informational", *_HARMLESS})


def _no_rule(case: Case) -> Iterator[Hit]:
    for run, result in case.results():
        if not rule_id(result.value):
            at = whole(result.value, "ruleIndex")
            described = run.rules[at] if at is not None and 0 <= at < len(run.rules) else None
            name = text(described.value, "id") if described and described.built_in else ""
            mend = partial(result.value.__setitem__, "ruleId", name) if name else None
            yield Hit(f"{result.pointer}/ruleId", "the result names no rule", mend)


def _unknown_rule(case: Case) -> Iterator[Hit]:
    for run, result in case.results():
        name = rule_id(result.value)
        if name and not run.rule_of(result.value):
            mend = partial(_describe, run, result, name) if run.driver else None
            yield Hit(f"{result.pointer}/ruleId", f"no rule of the run has the id {name:.100}", mend)


def _describe(run: RunView, result: Node, name: str) -> None:
    rules = items(run.driver, "rules")
    if not any(isinstance(each, dict) and each.get("id") == name for each in rules):
        words = {"text": (text(result.value, "message", "text") or name)[:1_000]}
        run.driver["rules"] = [
            *rules,
            {"id": name, "shortDescription": {"text": name[:1_000]}, "fullDescription": words},
        ]
    if whole(result.value, "ruleIndex") is not None:
        del result.value["ruleIndex"]


def _wrong_index(case: Case) -> Iterator[Hit]:
    for run, result in case.results():
        at, name = whole(result.value, "ruleIndex"), text(result.value, "ruleId")
        if at is None or at == -1 or not name or part(result.value, "rule"):
            continue
        rules = items(run.driver, "rules")
        there = rules[at].get("id") if 0 <= at < len(rules) and isinstance(rules[at], dict) else None
        if there != name and not (isinstance(there, str) and name.startswith(f"{there}/")):
            words = f"ruleIndex {at} is " + (f"rule {there!r:.100}" if there else "no rule of the driver")
            yield Hit(f"{result.pointer}/ruleIndex", words, partial(result.value.pop, "ruleIndex"))


def _no_problem(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        kind = result.value.get("kind", "fail")
        if isinstance(kind, str) and kind in _HARMLESS:
            yield Hit(f"{result.pointer}/kind", f"the kind is {kind}: it is no problem", result.take_out)


def _kind(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        kind = result.value.get("kind", "fail")
        if not (isinstance(kind, str) and kind in _KINDS):
            yield Hit(f"{result.pointer}/kind", f"the kind is {kind!r:.40}", partial(result.value.pop, "kind"))


def _level(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        level = result.value.get("level", "none")
        if not (isinstance(level, str) and level in _LEVELS):
            yield Hit(f"{result.pointer}/level", f"the level is {level!r:.40}", partial(result.value.pop, "level"))


def _kind_and_level(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        kind, level = text(result.value, "kind") or "fail", text(result.value, "level")
        if kind in _KINDS - {"fail"} and level in _LEVELS - {"none"}:
            mend = partial(result.value.pop, "kind")
            yield Hit(f"{result.pointer}/level", f"the level is {level}, and the kind {kind}", mend)


def _suppressed(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        if suppressed(result.value):
            yield Hit(f"{result.pointer}/suppressions", "the result is suppressed", result.take_out)


def _absent(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        if result.value.get("baselineState") == "absent" and not suppressed(result.value):
            yield Hit(f"{result.pointer}/baselineState", "the result is absent: it was mended", result.take_out)


def _locations(case: Case, most: int) -> Iterator[Hit]:
    for _run, result in case.results():
        if len(found := items(result.value, "locations")) > most:
            mend = partial(result.value.__setitem__, "locations", found[:LOCATIONS_SHOWN])
            yield Hit(f"{result.pointer}/locations", f"{len(found):,} locations", mend)


def _steps(case: Case, most: int) -> Iterator[Hit]:
    for _run, result in case.results():
        for flow in nodes(result.value, "codeFlows", result.pointer):
            for thread in nodes(flow.value, "threadFlows", flow.pointer):
                if len(steps := items(thread.value, "locations")) > most:
                    mend = partial(thread.value.__setitem__, "locations", steps[:STEPS_SHOWN])
                    yield Hit(f"{thread.pointer}/locations", f"{len(steps):,} steps in a thread flow", mend)


_SCHEMA: Final = dict.fromkeys(RECEIVERS, (Effect.REJECTED, "The schema has no such value."))
_OPEN: Final = (Effect.MISFILED, "It is shown as an open finding all the same.")
RULES: Final = (
    Rule(
        "rule-unnamed",
        {
            GITHUB: (Effect.MISFILED, "The alert has no rule: no title, no help, no severity."),
            GITLAB: (Effect.DROPPED, "GitLab skips what names no rule; it does not read ruleIndex."),
            AZURE: (Effect.REJECTED, "Azure demands one (GHAzDO1015)."),
        },
        _no_rule,
    ),
    Rule(
        "rule-undescribed",
        dict.fromkeys(RECEIVERS, (Effect.MISFILED, "Rules are found by equality of the id; without one, no severity.")),
        _unknown_rule,
    ),
    Rule(
        "rule-index",
        dict.fromkeys(RECEIVERS, (Effect.MISFILED, "Readers that go by the index take another rule for it.")),
        _wrong_index,
    ),
    Rule("no-problem", {GITHUB: _OPEN, GITLAB: _OPEN}, _no_problem),
    Rule("kind", _SCHEMA, _kind),
    Rule("level", _SCHEMA, _level),
    Rule(
        "kind-and-level",
        dict.fromkeys(RECEIVERS, (Effect.POOR, "Only what fails has a level (SARIF 2.1.0, section 3.27.10).")),
        _kind_and_level,
    ),
    Rule(
        "suppressed",
        {GITHUB: (Effect.MISFILED, "GitHub ignores suppressions and shows an open alert: leave the result out.")},
        _suppressed,
    ),
    Rule("absent", {GITHUB: _OPEN, GITLAB: _OPEN}, _absent),
    Rule(
        "too-many-locations",
        {GITHUB: (Effect.REJECTED, f"GitHub takes at most {LOCATIONS_TAKEN:,} of a result.")},
        partial(_locations, most=LOCATIONS_TAKEN),
    ),
    Rule(
        "locations-not-shown",
        {GITHUB: (Effect.DROPPED, f"GitHub keeps {LOCATIONS_SHOWN}.")},
        partial(_locations, most=LOCATIONS_SHOWN),
    ),
    Rule(
        "too-many-steps",
        {GITHUB: (Effect.REJECTED, f"GitHub takes at most {STEPS_TAKEN:,}.")},
        partial(_steps, most=STEPS_TAKEN),
    ),
    Rule(
        "steps-not-shown",
        {GITHUB: (Effect.DROPPED, f"GitHub keeps {STEPS_SHOWN:,}.")},
        partial(_steps, most=STEPS_SHOWN),
    ),
)
