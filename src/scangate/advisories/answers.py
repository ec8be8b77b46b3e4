"""What is said to OSV's API, and what it answers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from scangate.advisories import names
from scangate.errors import ScanError

_BY_FAMILY: Final = frozenset({"Red Hat", "SUSE"})
"""Whose releases we call otherwise than OSV does: they are asked for under all products, and the matching chooses."""
_MAX_WORD: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Query:
    """A package, by the names of names.py."""

    ecosystem: str
    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Known:
    """A record that affects a package, by id and `modified`."""

    id: str
    modified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known about one package. `next_page`: the token to ask for the rest with; empty at the end."""

    known: tuple[Known, ...]
    next_page: str


def question(queries: Iterable[tuple[Query, str]]) -> bytes:
    """Write the body of a batch: each query with the token of its page."""
    return json.dumps({"queries": [_one(query, token) for query, token in queries]}).encode()


def _one(query: Query, token: str) -> dict[str, Any]:
    family = names.family(query.ecosystem)
    ecosystem = family if family in _BY_FAMILY else query.ecosystem
    asked = {"package": {"ecosystem": ecosystem, "name": query.name}, "version": query.version}
    return asked | ({"page_token": token} if token else {})


def read(raw: bytes, expected: int, place: str) -> tuple[Answer, ...]:
    """Read the answers to a batch, in its order. Raises ScanError when they are not what the API promises."""
    try:
        document = json.loads(raw)
        results = document["results"]
        if not isinstance(results, list) or len(results) != expected:
            raise ScanError(f"{place} answered {expected} questions with {len(results)} results", advice=_ADVICE)
        return tuple(_answer(each) for each in results)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        what = f"{type(error).__name__} {str(error)[:100]}"
        raise ScanError(f"{place} gave no answer that can be read: {what}", advice=_ADVICE) from None


_ADVICE: Final = "try again, or sync the advisories instead"


def _answer(result: Any) -> Answer:
    known = tuple(Known(id=_word(each["id"]), modified=_word(each["modified"])) for each in result.get("vulns") or ())
    token = result.get("next_page_token") or ""
    if not isinstance(token, str):
        raise TypeError("next_page_token is no text")
    return Answer(known=known, next_page=token)


def _word(value: object) -> str:
    if not (isinstance(value, str) and 0 < len(value) <= _MAX_WORD and value.isprintable()):
        raise ValueError(f"no usable id or time: {str(value)[:60]!r}")
    return value
