"""All rules over one file, and mending it."""

from dataclasses import dataclass
from typing import Any, Final

from scangate.core.text import clean
from scangate.linting.case import case, sweep
from scangate.linting.document import Document
from scangate.linting.repository import Repository
from scangate.linting.rules import FLAWS, RULES
from scangate.linting.rules.rule import RANK, Effect, Problem
from scangate.reporters.outline import line

MOST: Final = 1_000
"""Problems of one rule that are told; the rest is counted."""
_ROUNDS: Final = 3
"""Mending one thing can bring another to light."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The problems, worst first. `more`: by rule, how many there are beyond those told."""

    problems: tuple[Problem, ...]
    more: tuple[tuple[str, int], ...] = ()

    def worst(self) -> Effect | None:
        return min((each.effect for each in self.problems), key=RANK.__getitem__, default=None)


def lint(document: Document, receiver: str, repository: Repository | None = None) -> Found:
    """Say what a receiver would reject, drop or misfile."""
    problems, more = [], []
    for name, words in document.flaws:
        effect, why = FLAWS[name][receiver]
        problems.append(_problem(name, effect, "", words, why, fixable=name != "not-json"))
    if any(name == "not-json" for name, _words in document.flaws):
        return Found(problems=tuple(problems))
    at = case(document.log, size=document.size, packed=document.packed, repository=repository)
    for rule in RULES:
        if receiver not in rule.meaning:
            continue
        effect, why = rule.meaning[receiver]
        count = 0
        for count, hit in enumerate(rule.check(at), 1):
            if count <= MOST:
                problems.append(_problem(rule.name, effect, hit.pointer, hit.what, why, fixable=hit.mend is not None))
        if count > MOST:
            more.append((rule.name, count - MOST))
    return Found(problems=tuple(sorted(problems, key=lambda each: RANK[each.effect])), more=tuple(more))


def fix(
    document: Document, receiver: str, repository: Repository | None = None, *, only: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], int]:
    """Mend the log in place as far as that can be done; return it, and how much was mended. `only`: by these rules."""
    done = 0
    at = case(document.log, repository=repository)
    for _round in range(_ROUNDS):
        before = done
        for rule in RULES:
            if receiver in rule.meaning and (not only or rule.name in only):
                mends = [hit.mend for hit in rule.check(at) if hit.mend]
                for mend in mends:
                    mend()
                if mends:
                    sweep(document.log)
                    at = case(document.log, repository=repository)
                done += len(mends)
        if done == before:
            break
    return document.log, done


def _problem(rule: str, effect: Effect, pointer: str, what: str, why: str, *, fixable: bool) -> Problem:
    text = f"{line(clean(what, 300), 300)}. {why}"
    return Problem(rule=rule, effect=effect, pointer=line(clean(pointer, 500), 500), text=text, fixable=fixable)
