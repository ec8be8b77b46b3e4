"""How severe a receiver will take a result to be."""

import math
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

from scangate.linting.case import Case, Described, Json, Node, RunView, items, part
from scangate.linting.rules.rule import GITHUB, GITLAB, RECEIVERS, Effect, Hit, Rule

WORD: Final = "security-severity"
_LEVELS: Final = {"error": 80.0, "warning": 55.0, "note": 20.0, "none": 0.0}
_GAPS: Final = ((9.9, 10.0), (39.9, 40.0), (69.9, 70.0), (89.9, 90.0))
"""Between its bands GitLab has gaps, and what falls into one is critical."""


def number(value: object) -> float | None:
    """Read a number that may be spelt as one; None for anything else, infinities included."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            found = float(value)
            return found if math.isfinite(found) else None
    return None


def weight(run: RunView, result: Json) -> float:
    """Order results by severity, 0 to 100: by whatever they say about it."""
    rule = run.rule_of(result)
    said = number(part(rule.value, "properties").get(WORD)) if rule else None
    rank = number(result.get("rank"))
    level = result.get("level") or (part(rule.value, "defaultConfiguration").get("level") if rule else None)
    fallback = _LEVELS.get(level, 55.0) if isinstance(level, str) else 55.0
    return next((each for each in (rank, said * 10 if said is not None else None) if each is not None), fallback)


def _properties(node: Node) -> Json:
    return part(node.value, "properties")


def _no_number(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        said = _properties(rule).get(WORD)
        if said is not None and number(said) is None:
            pointer = f"{rule.pointer}/properties/{WORD}"
            yield Hit(pointer, f"{WORD} is {said!r:.60}", partial(_properties(rule).pop, WORD))


def _no_string(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        said = _properties(rule).get(WORD)
        if not isinstance(said, str) and number(said) is not None:
            mend = partial(_properties(rule).__setitem__, WORD, str(said))
            yield Hit(f"{rule.pointer}/properties/{WORD}", f"{WORD} is a number, not a string with a number", mend)


def _out_of_range(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        said = number(_properties(rule).get(WORD))
        if said is not None and not 0 < said <= 10:  # noqa: PLR2004 - the scale of CVSS
            mend = partial(_properties(rule).pop, WORD)
            yield Hit(f"{rule.pointer}/properties/{WORD}", f"{WORD} is {said:g}, and not over 0 and up to 10", mend)


def _untagged(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        tags = items(_properties(rule), "tags")
        if number(_properties(rule).get(WORD)) is not None and "security" not in tags:
            pointer = f"{rule.pointer}/properties/tags"
            yield Hit(pointer, f"there is a {WORD} and no tag `security`", partial(_tag, rule, tags))


def _tag(rule: Described, tags: list[Any]) -> None:
    _properties(rule)["tags"] = ["security", *tags]


def _on_result(case: Case) -> Iterator[Hit]:
    for run, result in case.results():
        said = number(_properties(result).get(WORD))
        rule = run.rule_of(result.value)
        if said is not None and not (rule and _properties(rule).get(WORD) is not None):
            mend = partial(_raise, rule, said) if rule and 0 < said <= 10 else None  # noqa: PLR2004
            yield Hit(f"{result.pointer}/properties/{WORD}", f"{WORD} is on the result, and its rule has none", mend)


def _raise(rule: Described, said: float) -> None:
    properties = {**_properties(rule)}
    properties[WORD] = str(max(said, number(properties.get(WORD)) or 0.0))
    rule.value["properties"] = properties


def _rank(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        rank = result.value.get("rank")
        if rank is not None and not (type(rank) in {int, float} and 0 <= rank <= 100):  # noqa: PLR2004
            yield Hit(f"{result.pointer}/rank", f"rank is {rank!r:.40}", partial(result.value.pop, "rank"))


def _between(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        rank = result.value.get("rank")
        if type(rank) is float and any(low < rank < high for low, high in _GAPS):
            mend = partial(result.value.__setitem__, "rank", math.floor(rank * 10) / 10)
            yield Hit(f"{result.pointer}/rank", f"rank {rank} lies between two bands", mend)


RULES: Final = (
    Rule(
        "severity-not-a-number",
        {
            GITHUB: (Effect.REJECTED, "GitHub answers `invalid security severity value, is not a number`."),
            GITLAB: (Effect.MISFILED, "GitLab takes it for 0, which is info."),
        },
        _no_number,
    ),
    Rule(
        "severity-not-a-string",
        {GITHUB: (Effect.MISFILED, "GitHub documents a string; what it does with a number is not.")},
        _no_string,
    ),
    Rule(
        "severity-out-of-range",
        {
            GITHUB: (Effect.MISFILED, "GitHub shows no security severity then."),
            GITLAB: (Effect.MISFILED, "GitLab takes 0 for info, and what is over 10 or negative for critical."),
        },
        _out_of_range,
    ),
    Rule(
        "severity-untagged",
        {GITHUB: (Effect.MISFILED, "Without the tag it is no security alert, and the severity is not shown.")},
        _untagged,
    ),
    Rule(
        "severity-on-result",
        {GITHUB: (Effect.MISFILED, "GitHub reads it from the rule only.")},
        _on_result,
    ),
    Rule(
        "rank-out-of-range",
        {
            each: (Effect.MISFILED, "GitLab reads rank before everything else, and takes this for critical.")
            if each == GITLAB
            else (Effect.POOR, "SARIF has ranks from 0 to 100.")
            for each in RECEIVERS
        },
        _rank,
    ),
    Rule(
        "rank-between-bands",
        {GITLAB: (Effect.MISFILED, "GitLab's bands end at 9.9, 39.9, 69.9 and 89.9; what lies between is critical.")},
        _between,
    ),
)
