"""A run: its tool, its category, and how much it holds."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.linting.case import Case, Json, RunView, items, nodes, part, text
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, RECEIVERS, Effect, Hit, Rule
from scangate.linting.rules.severity import weight

TAKEN: Final = 25_000
SHOWN: Final = 5_000
EXTENSIONS: Final = 100
_KEY: Final = ("name", "fullName", "version", "semanticVersion", "guid")


def _no_tool(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if not text(run.driver, "name"):
            yield Hit(f"{run.node.pointer}/tool/driver/name", "the tool has no name")


def _no_results(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if not isinstance(run.node.value.get("results"), list):
            yield Hit(f"{run.node.pointer}/results", "there is no array of results")


def _unsuccessful(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        for invocation in nodes(run.node.value, "invocations", run.node.pointer):
            if invocation.value.get("executionSuccessful") is False:
                yield Hit(f"{invocation.pointer}/executionSuccessful", "the run says that it did not succeed")
                break


def _same_run(case: Case) -> Iterator[Hit]:
    met: dict[str, int] = {}
    for run in case.runs:
        name = text(run.node.value, "automationDetails", "id")
        key = json.dumps([*(run.driver.get(each) for each in _KEY), name], default=str)
        met[key] = met.get(key, 0) + 1
        if met[key] > 1:
            mend = partial(_categorise, run, f"{name.rstrip('/') or 'run'}-{met[key]}/")
            yield Hit(run.node.pointer, f"another run has this tool and the category {name!r:.100}", mend)


def _categorise(run: RunView, category: str) -> None:
    run.node.value["automationDetails"] = {**part(run.node.value, "automationDetails"), "id": category}


def _no_category(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if not text(run.node.value, "automationDetails", "id"):
            yield Hit(f"{run.node.pointer}/automationDetails/id", "the run has no category")


def _category_without_slash(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        name = text(run.node.value, "automationDetails", "id")
        if name and "/" not in name:
            yield Hit(
                f"{run.node.pointer}/automationDetails/id",
                f"{name:.100} has no slash, so that all of it is the id of the run, and the category is empty",
                partial(_categorise, run, f"{name}/"),
            )


def _too_many(run: RunView, most: int) -> Iterator[Hit]:
    found = items(run.node.value, "results")
    if len(found) > most:
        mend = partial(_keep_worst, run, found)
        yield Hit(f"{run.node.pointer}/results", f"{len(found):,} results", mend)


def _keep_worst(run: RunView, found: list[object]) -> None:
    worst = sorted(run.results, key=lambda each: -weight(run, each.value))[:SHOWN]
    kept = {each.index for each in worst}
    found[:] = [each for at, each in enumerate(found) if at in kept]


def _too_many_results(case: Case) -> Iterator[Hit]:
    yield from (hit for run in case.runs for hit in _too_many(run, TAKEN))


def _results_not_shown(case: Case) -> Iterator[Hit]:
    yield from (hit for run in case.runs for hit in _too_many(run, SHOWN))


def _too_many_rules(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if len(run.rules) > TAKEN:
            yield Hit(f"{run.node.pointer}/tool", f"{len(run.rules):,} rules")


def _too_many_extensions(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if len(run.extensions) > EXTENSIONS:
            yield Hit(f"{run.node.pointer}/tool/extensions", f"{len(run.extensions):,} extensions of the tool")


def _required(name: str) -> dict[str, tuple[Effect, str]]:
    return dict.fromkeys(RECEIVERS, (Effect.REJECTED, name))


def category(run: Json) -> str:
    """What a receiver files the run under: the id up to its last slash."""
    return text(run, "automationDetails", "id").rpartition("/")[0]


RULES: Final = (
    Rule("tool-name", _required("Results are filed under the name of the tool."), _no_tool),
    Rule(
        "no-results",
        {
            GITHUB: (Effect.REJECTED, "GitHub demands it; an empty one closes the alerts of the category."),
            AZURE: (Effect.REJECTED, "Azure demands it, even when it is empty."),
        },
        _no_results,
    ),
    Rule(
        "run-unsuccessful",
        {
            GITHUB: (
                Effect.REJECTED,
                "GitHub answers `unsuccessful execution` and shows nothing new: leave the run out.",
            )
        },
        _unsuccessful,
    ),
    Rule(
        "same-run",
        {GITHUB: (Effect.REJECTED, "GitHub takes one run for each tool and category since July 2025.")},
        _same_run,
    ),
    Rule(
        "category-missing",
        {
            GITHUB: (
                Effect.POOR,
                "Another upload of this tool for the commit replaces it, unless the uploader names one.",
            )
        },
        _no_category,
    ),
    Rule(
        "category-slash",
        {GITHUB: (Effect.MISFILED, "Runs of one tool with an empty category replace each other.")},
        _category_without_slash,
    ),
    Rule(
        "too-many-results",
        {GITHUB: (Effect.REJECTED, f"GitHub takes at most {TAKEN:,} in a run.")},
        _too_many_results,
    ),
    Rule(
        "results-not-shown",
        {
            GITHUB: (Effect.DROPPED, f"GitHub shows {SHOWN:,} of a run, those it takes for the most severe."),
            GITLAB: (Effect.DROPPED, f"GitLab reads the first {SHOWN:,} of a run, in the order of the file."),
        },
        _results_not_shown,
    ),
    Rule(
        "too-many-rules",
        {
            GITHUB: (Effect.REJECTED, f"GitHub takes at most {TAKEN:,} in a run."),
            GITLAB: (Effect.DROPPED, f"GitLab reads the first {TAKEN:,}: results of the others have no rule."),
        },
        _too_many_rules,
    ),
    Rule(
        "too-many-extensions",
        {GITHUB: (Effect.REJECTED, f"GitHub takes at most {EXTENSIONS}.")},
        _too_many_extensions,
    ),
)
