"""Finds secrets in a text, fast: most bytes are looked at by nothing but `translate` and `find`.

A token of any known form holds a run of twenty letters, digits, `_` or `-`. Mapping all of these to one letter makes
every such run one and the same text to look for; only where there is one, forms and names are compared.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from scangate.scanners.image_config.secrets.assignments import MAX_LINE, MAX_NAME, Assignment, assignments
from scangate.scanners.image_config.secrets.forms import FORMS, Form
from scangate.scanners.image_config.secrets.hits import MOST, Hit
from scangate.scanners.image_config.secrets.marks import Mark, addresses, private_keys
from scangate.scanners.image_config.secrets.places import places
from scangate.scanners.image_config.secrets.values import (
    is_placeholder,
    is_random,
    is_reference,
    is_secret,
    names_secret,
)

_TOKEN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_CLASSES: Final = bytes(ord("a") if each in _TOKEN else ord(" ") for each in range(256))
_RUN: Final = b"a" * 20
_KEYWORDS: Final = (b"passw", b"secret")
"""Names of secrets that may be shorter than a run."""
_FOLLOWS: Final = re.compile(rb"""[\w.\-]{0,80}["']?[ \t]{0,8}(?:=>|:=|[=:](?![=~])|["']\)?,)[ \t]{0,8}(["'`]?)""")
"""What stands between a part of a name and the value it is given."""
_NEAR: Final = re.compile(rb"key|token|auth|cred|pass|pwd|secret")
_QUOTES: Final = b"\"'`"
_BEFORE: Final = _QUOTES + b"=: \t>"
"""What stands before a value."""
_AWS_SECRET: Final = re.compile(r"[A-Za-z0-9/+]{40}")
_EXAMPLE: Final = b"EXAMPLE"

Runs = tuple[tuple[int, int], ...]


def _by_start() -> dict[bytes, tuple[tuple[Form, int], ...]]:
    """Forms by the first two bytes of their run, with how far before it they begin (`SG.`)."""
    found: dict[bytes, list[tuple[Form, int]]] = defaultdict(list)
    for form in FORMS:
        for start in form.starts:
            before = start.rfind(b".") + 1
            found[b"." if before else start[:2]].append((form, before))
    return {start: tuple(dict.fromkeys(forms)) for start, forms in found.items()}


_FORMS: Final = _by_start()


def search(data: bytes, path: str = "", *, names: bool = True, quoted: bool = False) -> tuple[Hit, ...]:
    """Return what is secret in a text, at most MOST hits, in order.

    `names`: also what only the name of a variable tells. `quoted`: only where its value is quoted, as in programs.
    """
    runs = tuple(_runs(data))
    strict = quoted or not names
    marks = chain(private_keys(data), addresses(data, strict=strict), _placed(data, path), _tokens(data, runs))
    taken: dict[tuple[int, int], Hit] = {}
    for kind, start, end, anchor, certain in islice(marks, MOST):
        if not _overlaps(taken, start, end):
            name = anchor or _name(data, start)
            taken[start, end] = _hit(data, kind, start, end, name, certain=certain, guess=False)
    if names:
        for found, start in islice(_named(data, runs, quoted=quoted), MOST):
            end = start + len(found.value)
            if not _overlaps(taken, start, end):
                kind = _kind(found)
                guess = kind == "assigned" and not is_random(found.value)
                taken[start, end] = _hit(data, kind, start, end, found.name, certain=kind != "assigned", guess=guess)
    return tuple(hit for _place, hit in sorted(taken.items(), key=lambda each: each[0]))[:MOST]


def _hit(data: bytes, kind: str, start: int, end: int, name: str, *, certain: bool, guess: bool) -> Hit:
    line = data.count(b"\n", 0, start) + 1
    anchor = (
        "" if is_random(name) or any(form.pattern.search(name.encode("latin-1", "replace")) for form in FORMS) else name
    )
    return Hit(kind=kind, line=line, length=end - start, anchor=anchor, certain=certain, guess=guess and not certain)


def _overlaps(taken: dict[tuple[int, int], Hit], start: int, end: int) -> bool:
    return any(start < there_end and there < end for there, there_end in taken)


def _runs(data: bytes) -> Iterator[tuple[int, int]]:
    plain = data.translate(_CLASSES)
    at = plain.find(_RUN)
    while at >= 0:
        end = plain.find(b" ", at)
        end = len(plain) if end < 0 else end
        yield at, end
        at = plain.find(_RUN, end)


def _tokens(data: bytes, runs: Runs) -> Iterator[Mark]:
    for at, _end in runs:
        forms = _FORMS.get(data[at : at + 2]) or (_FORMS[b"."] if at and data[at - 1] == ord(".") else ())
        for form, before in forms:
            match = form.pattern.match(data, max(0, at - before))
            if match and _EXAMPLE not in match[0] and _varied(match[0]) and (not form.verify or form.verify(match[0])):
                yield form.kind, match.start(), match.end(), "", form.verify is not None
                break


def _varied(token: bytes) -> bool:
    """A token of `xxxx` or `1234` is somebody's example."""
    return len(set(token[-20:])) > 7 and b"xxxx" not in token.lower()  # noqa: PLR2004 - 20 random digits have 10 or more


def _placed(data: bytes, path: str) -> Iterator[Mark]:
    for place in places(path):
        for match in place.value.finditer(data):
            value = match[1].decode("latin-1").strip("\"'")
            if not is_reference(value) and not is_placeholder(value):
                yield place.kind, match.start(1), match.end(1), "", True


def _named(data: bytes, runs: Runs, *, quoted: bool) -> Iterator[tuple[Assignment, int]]:
    """Yield what a name says is a secret, and its place. The same place may come twice."""
    for at in chain(_keywords(data, quoted=quoted), _near(data, runs, _QUOTES if quoted else _BEFORE)):
        start = max(data.rfind(b"\n", max(0, at - MAX_NAME), at) + 1, at - MAX_NAME)
        end = data.find(b"\n", at, at + MAX_LINE)
        line = data[start : end if end >= 0 else at + MAX_LINE].decode("latin-1").rstrip("\r")
        for each in assignments(line):
            if (each.quoted or not quoted) and names_secret(each.name) and is_secret(each.value):
                yield each, start + each.at


def _keywords(data: bytes, *, quoted: bool) -> Iterator[int]:
    lower = data.lower()
    for word in _KEYWORDS:
        at = lower.find(word)
        while at >= 0:
            follows = _FOLLOWS.match(lower, at)
            if follows and (follows[1] or not quoted):
                yield at
                # One look at a line is enough, and a line of a megabyte is looked at once per kilobyte.
                end = lower.find(b"\n", at, at + MAX_LINE)
                at = end if end >= 0 else at + MAX_LINE - MAX_NAME
            at = lower.find(word, at + 1)


def _near(data: bytes, runs: Runs, before: bytes) -> Iterator[int]:
    seen = 1
    for at, end in runs:
        if at < seen or data[at - 1] not in before or data[at:end].translate(None, b"_-").isalpha():
            continue
        if _NEAR.search(data[max(0, at - 60) : at].lower()):
            seen = data.find(b"\n", at, at + MAX_LINE - MAX_NAME)
            seen = seen if seen >= 0 else at + MAX_LINE - MAX_NAME
            yield at


def _name(data: bytes, at: int) -> str:
    """Return the name that a token is given to, if it is given to one."""
    start = max(data.rfind(b"\n", max(0, at - MAX_NAME), at) + 1, at - MAX_NAME)
    end = data.find(b"\n", at, at + MAX_LINE)
    line = data[start : end if end >= 0 else at + MAX_LINE].decode("latin-1")
    fitting = (each.name for each in assignments(line) if start + each.at <= at < start + each.at + len(each.value))
    return next(fitting, "")


def _kind(found: Assignment) -> str:
    name = found.name.lower()
    if "aws" in name and "secret" in name and _AWS_SECRET.fullmatch(found.value):
        return "aws-secret-key"
    if "account" in name and "key" in name and found.value.endswith("=="):
        return "azure-storage-key"
    return "assigned"
