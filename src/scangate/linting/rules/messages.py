"""What a result says."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.linting.case import Case, Node, RunView, items, nodes, part, rule_id, text, whole
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, Effect, Hit, Rule

TEXT: Final = 1_024
_LINK: Final = re.compile(r"(?<!\\)\]\(([0-9]{1,9})\)")
_PLACEHOLDER: Final = re.compile(r"\{([0-9]{1,4})\}")


def _no_text(case: Case) -> Iterator[Hit]:
    for run, result in case.results():
        message = part(result.value, "message")
        if not text(message, "text").strip():
            words = "only Markdown" if text(message, "markdown") else "no text"
            words = f"an id instead of a text, {text(message, 'id'):.60}" if text(message, "id") else words
            yield Hit(f"{result.pointer}/message/text", f"the message has {words}", partial(_write, run, result))


def _write(run: RunView, result: Node) -> None:
    """Give the message a text: what its id stands for, its Markdown, or what the rule says."""
    message = part(result.value, "message")
    rule = run.rule_of(result.value)
    stored = text(rule.value, "messageStrings", text(message, "id"), "text") if rule and text(message, "id") else ""
    arguments = items(message, "arguments")

    def argument(match: re.Match[str]) -> str:
        at = int(match[1])
        return str(arguments[at])[:200] if at < len(arguments) else match[0]

    described = text(rule.value, "shortDescription", "text") if rule else ""
    candidates = (
        _PLACEHOLDER.sub(argument, stored[:4_000]),
        text(message, "markdown"),
        described,
        rule_id(result.value),
    )
    words = next((each for each in candidates if each.strip()), "No message.")
    result.value["message"] = {**message, "text": words[:TEXT]}


def _long(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        message = part(result.value, "message")
        name = "text" if isinstance(message.get("text"), str) else "markdown"
        if len(words := text(message, name)) > TEXT:
            mend = partial(message.__setitem__, name, f"{words[: TEXT - 1]}…")
            yield Hit(f"{result.pointer}/message/{name}", f"a message of {len(words):,} characters", mend)


def _dangling(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        wanted = {int(each) for each in _LINK.findall(text(result.value, "message", "text"))}
        if wanted:
            related = nodes(result.value, "relatedLocations", result.pointer)
            missing = wanted - {whole(each.value, "id") for each in related}
            if missing:
                words = f"the message links to location {min(missing)}, which no related location is"
                yield Hit(f"{result.pointer}/message/text", words)


def _nul(case: Case) -> Iterator[Hit]:
    for _run, result in case.results():
        message = part(result.value, "message")
        if "\0" in (words := text(message, "text")):
            mend = partial(message.__setitem__, "text", words.replace("\0", "\N{REPLACEMENT CHARACTER}"))
            yield Hit(f"{result.pointer}/message/text", "the message holds the character NUL", mend)


RULES: Final = (
    Rule(
        "message-text",
        {
            GITHUB: (Effect.REJECTED, "GitHub demands a text (GH1007, GH1015); it does not look up ids."),
            GITLAB: (Effect.POOR, "GitLab shows Markdown as it is, and an id not at all."),
            AZURE: (Effect.REJECTED, "Azure demands a text (GHAzDO1015)."),
        },
        _no_text,
    ),
    Rule(
        "message-length",
        {GITLAB: (Effect.DROPPED, f"GitLab skips a result whose message has over {TEXT:,} characters.")},
        _long,
    ),
    Rule("message-link", {GITHUB: (Effect.POOR, "It is shown as text, brackets and all.")}, _dangling),
    Rule("message-nul", {GITLAB: (Effect.POOR, "GitLab cannot store it and shows the escape instead.")}, _nul),
)
