"""The rules of a file: what they say of themselves."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.linting.case import Case, Described, Json, items, part, text
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, RECEIVERS, Effect, Hit, Rule

TEXT: Final = 1_024
NAME: Final = 255
LINK: Final = 2_048
TAGS_TAKEN: Final = 20
TAGS_READ: Final = 10
_TEXTS: Final = ("shortDescription", "fullDescription", "help")
_LEVELS: Final = frozenset({"none", "note", "warning", "error"})


def _no_id(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        if not text(rule.value, "id"):
            yield Hit(f"{rule.pointer}/id", "a rule has no id")


def _twice(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        for rule in run.rules:
            name = text(rule.value, "id")
            if name and run.by_id[name].value is not rule.value:
                yield Hit(f"{rule.pointer}/id", f"the id {name:.100} is another rule's, too")


def _texts(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        missing = [each for each in _TEXTS if not text(rule.value, each, "text").strip()]
        for name in missing:
            mend = partial(_describe, rule, name)
            yield Hit(f"{rule.pointer}/{name}/text", f"rule {text(rule.value, 'id'):.100} has no text", mend)


def _describe(rule: Described, name: str) -> None:
    said = [text(rule.value, each, "text").strip() for each in _TEXTS]
    markdown = text(rule.value, name, "markdown").strip()[:TEXT]
    words = next(filter(None, (markdown, *said, text(rule.value, "name"), text(rule.value, "id"))), "No description.")
    rule.value[name] = {**part(rule.value, name), "text": words}


def _long_texts(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        for name in ("shortDescription", "fullDescription"):
            if len(said := text(rule.value, name, "text")) > TEXT:
                mend = partial(part(rule.value, name).__setitem__, "text", f"{said[: TEXT - 1]}…")
                yield Hit(f"{rule.pointer}/{name}/text", f"a text of {len(said):,} characters", mend)


def _long_name(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        if len(name := text(rule.value, "name")) > NAME:
            mend = partial(rule.value.__setitem__, "name", name[:NAME])
            yield Hit(f"{rule.pointer}/name", f"a name of {len(name):,} characters", mend)


def _long_link(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        if len(link := text(rule.value, "helpUri")) > LINK:
            mend = partial(rule.value.pop, "helpUri")
            yield Hit(f"{rule.pointer}/helpUri", f"a link of {len(link):,} characters", mend)


def _tags(case: Case, most: int) -> Iterator[Hit]:
    for _run, rule in case.rules():
        properties = part(rule.value, "properties")
        if len(tags := items(properties, "tags")) > most:
            yield Hit(f"{rule.pointer}/properties/tags", f"{len(tags):,} tags", partial(_cut_tags, properties))


def _cut_tags(properties: Json) -> None:
    first = [each for each in items(properties, "tags") if each == "security" or "cwe" in str(each).lower()]
    rest = [each for each in items(properties, "tags") if each not in first]
    properties["tags"] = [*first, *rest][:TAGS_READ]


def _level(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        configured = part(rule.value, "defaultConfiguration")
        level = configured.get("level")
        if level is not None and not (isinstance(level, str) and level in _LEVELS):
            mend = partial(configured.pop, "level")
            yield Hit(f"{rule.pointer}/defaultConfiguration/level", f"the level is {level!r:.40}", mend)


RULES: Final = (
    Rule("rule-id", dict.fromkeys(RECEIVERS, (Effect.REJECTED, "The schema requires one.")), _no_id),
    Rule(
        "rule-twice",
        dict.fromkeys(RECEIVERS, (Effect.MISFILED, "Results refer to rules by id: which of them is meant is chance.")),
        _twice,
    ),
    Rule(
        "rule-texts",
        {
            GITHUB: (Effect.POOR, "GitHub documents it as required: title, description and help of the alert."),
            GITLAB: (Effect.POOR, "The first is the title of a finding, and its message has to stand in."),
        },
        _texts,
    ),
    Rule(
        "rule-text-length",
        {
            GITHUB: (Effect.DROPPED, f"GitHub documents at most {TEXT:,} characters."),
            GITLAB: (Effect.DROPPED, f"GitLab skips every result of a rule with a text over {TEXT:,} characters."),
        },
        _long_texts,
    ),
    Rule(
        "rule-name-length",
        {
            GITHUB: (Effect.DROPPED, f"GitHub documents at most {NAME} characters."),
            GITLAB: (Effect.DROPPED, f"GitLab skips every result of a rule with a name over {NAME} characters."),
        },
        _long_name,
    ),
    Rule(
        "rule-link-length",
        {GITLAB: (Effect.DROPPED, f"GitLab skips every result of a rule with a link over {LINK:,} characters.")},
        _long_link,
    ),
    Rule(
        "too-many-tags",
        {GITHUB: (Effect.REJECTED, f"GitHub takes at most {TAGS_TAKEN}.")},
        partial(_tags, most=TAGS_TAKEN),
    ),
    Rule(
        "tags-not-read",
        {
            GITHUB: (Effect.DROPPED, f"GitHub keeps {TAGS_READ} of them."),
            GITLAB: (Effect.DROPPED, f"GitLab reads the first {TAGS_READ}; a CWE or CVE behind them is not seen."),
        },
        partial(_tags, most=TAGS_READ),
    ),
    Rule("rule-level", dict.fromkeys(RECEIVERS, (Effect.REJECTED, "The schema has no such level.")), _level),
    Rule(
        "rule-name",
        {AZURE: (Effect.REJECTED, "Azure demands one (GHAzDO2012).")},
        lambda case: (
            Hit(
                f"{rule.pointer}/name",
                "a rule has no name",
                partial(rule.value.__setitem__, "name", text(rule.value, "id") or "Unnamed"),
            )
            for _run, rule in case.rules()
            if not text(rule.value, "name")
        ),
    ),
)
