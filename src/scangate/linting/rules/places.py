"""Where a result points. One location that is no file of the repository can cost the whole upload."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final
from urllib.parse import unquote

from scangate.linting.case import Case, nodes, part, text, whole
from scangate.linting.repository import Repository, State
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, RECEIVERS, Effect, Hit, Rule
from scangate.linting.spots import Spot, absolute, artifact_of, beneath, scheme, spelt, spots, stand_in

_NO_URI: Final = re.compile(r"[^!-~]|[\\\"<>^`{|}]|%(?![0-9A-Fa-f]{2})")
_NUMBERS: Final = ("startLine", "endLine", "startColumn", "endColumn")


def _nowhere(case: Case) -> Iterator[Hit]:
    there = {id(spot.result.value) for spot in spots(case)}
    for run, result in case.results():
        if id(result.value) not in there:
            physical = {"artifactLocation": {"uri": stand_in(run, result)}, "region": {"startLine": 1}}
            kept = [{**each.value, "physicalLocation": physical} for each in nodes(result.value, "locations", "")[:1]]
            mend = partial(result.value.__setitem__, "locations", kept or [{"physicalLocation": physical}])
            yield Hit(f"{result.pointer}/locations", "the result has no physical location", mend)


def _no_uri(case: Case) -> Iterator[Hit]:
    for spot in spots(case):
        if not spot.uri:
            known = artifact_of(spot)
            words = "an index instead of a uri" if known else "no uri"
            mend = partial(spot.move, known or stand_in(spot.run, spot.result))
            yield Hit(f"{spot.pointer}/artifactLocation/uri", f"the location has {words}", mend)


def _foreign_scheme(case: Case) -> Iterator[Hit]:
    for spot in spots(case, related=True):
        if scheme(spot.uri) not in {"", "file"}:
            words = f"the location {spot.uri:.200} has the scheme {scheme(spot.uri)}"
            mend = partial(spot.move, stand_in(spot.run, spot.result, spot.uri))
            yield Hit(f"{spot.pointer}/artifactLocation/uri", words, mend)


def _absolute(case: Case) -> Iterator[Hit]:
    root = str(case.repository.root.resolve()) if case.repository else ""
    for spot in spots(case, related=True):
        if absolute(spot.uri):
            relative = beneath(spot.uri, spot.run, root)
            mend = partial(spot.move, relative or stand_in(spot.run, spot.result, spot.uri))
            words = f"the location {spot.uri:.200} is absolute"
            yield Hit(f"{spot.pointer}/artifactLocation/uri", words, mend)


def _outside(case: Case) -> Iterator[Hit]:
    for spot in spots(case):
        if spot.uri and not absolute(spot.uri) and not scheme(spot.uri) and not spelt(unquote(spot.uri)):
            words = f"the location {spot.uri:.200} is not in the repository"
            yield Hit(f"{spot.pointer}/artifactLocation/uri", words)


def _misspelt(case: Case) -> Iterator[Hit]:
    for spot in spots(case, related=True):
        if _NO_URI.search(spot.uri) and not absolute(spot.uri) and not scheme(spot.uri):
            mend = partial(spot.move, spelt(re.sub("%(?![0-9A-Fa-f]{2})", "%25", spot.uri)) or "unnamed")
            words = f"the location {spot.uri:.200} is no URI: some of its characters must be escaped"
            yield Hit(f"{spot.pointer}/artifactLocation/uri", words, mend)


def _based(case: Case) -> Iterator[Hit]:
    for spot in spots(case):
        base = text(spot.artifact, "uriBaseId")
        there = text(part(spot.run.node.value, "originalUriBaseIds"), base, "uri")
        if base and there and spot.uri:
            mend = partial(spot.artifact.pop, "uriBaseId")
            yield Hit(f"{spot.pointer}/artifactLocation/uriBaseId", f"{base:.60} stands for {there:.200}", mend)


def _no_line(case: Case) -> Iterator[Hit]:
    for spot in spots(case):
        if whole(spot.region, "startLine") is None and "startLine" not in spot.region:
            mend = partial(spot.physical.__setitem__, "region", {**spot.region, "startLine": 1})
            yield Hit(f"{spot.pointer}/region/startLine", "the location has no line", mend)


def _no_number(case: Case) -> Iterator[Hit]:
    for spot in spots(case, related=True):
        for name in _NUMBERS:
            number = whole(spot.region, name)
            if name in spot.region and (number is None or number < 1):
                words = f"{name} is {spot.region[name]!r:.40}: counting begins with 1"
                yield Hit(f"{spot.pointer}/region/{name}", words, partial(spot.region.pop, name))


def _reversed(case: Case) -> Iterator[Hit]:
    for spot in spots(case):
        start, end = whole(spot.region, "startLine") or 1, whole(spot.region, "endLine")
        if end is not None and 1 <= end < start:
            mend = partial(spot.region.pop, "endLine")
            yield Hit(f"{spot.pointer}/region/endLine", f"the region ends in line {end}, before it begins", mend)


def _no_file(case: Case) -> Iterator[Hit]:
    for spot, repository in _checked(case):
        state = repository.look(spot.uri).state
        if state in {State.MISSING, State.LINK}:
            yield Hit(f"{spot.pointer}/artifactLocation/uri", f"{spot.uri:.200} is {state}")


def _beyond(case: Case) -> Iterator[Hit]:
    for spot, repository in _checked(case):
        seen = repository.look(spot.uri)
        for name in ("startLine", "endLine"):
            line = whole(spot.region, name) or 1
            if seen.state is State.FILE and line > max(1, seen.lines):
                last = max(1, seen.lines)
                mend = partial(spot.region.__setitem__, name, last)
                yield Hit(
                    f"{spot.pointer}/region/{name}", f"line {line:,} of {spot.uri:.200}, which has {last:,}", mend
                )


def _checked(case: Case) -> Iterator[tuple[Spot, Repository]]:
    if case.repository:
        for spot in spots(case):
            if spot.uri and not absolute(spot.uri) and not scheme(spot.uri):
                yield spot, case.repository


_LOST: Final = (Effect.MISFILED, "The link to the code leads nowhere.")
RULES: Final = (
    Rule(
        "no-location",
        {
            GITHUB: (Effect.REJECTED, "GitHub answers `expected artifact location`, and takes nothing of the file."),
            GITLAB: (Effect.DROPPED, "GitLab skips the result."),
            AZURE: (Effect.REJECTED, "Azure demands one (GHAzDO1015)."),
        },
        _nowhere,
    ),
    Rule(
        "no-uri",
        {
            GITHUB: (Effect.REJECTED, "GitHub answers `expected artifact location`; it does not look up indexes."),
            GITLAB: (Effect.MISFILED, "GitLab does not look up indexes: results of one rule and line become one."),
        },
        _no_uri,
    ),
    Rule(
        "uri-scheme",
        {
            GITHUB: (Effect.REJECTED, "GitHub answers `SARIF URI scheme did not match the checkout URI scheme`."),
            GITLAB: _LOST,
            AZURE: _LOST,
        },
        _foreign_scheme,
    ),
    Rule(
        "uri-absolute",
        {
            GITHUB: (
                Effect.REJECTED,
                "GitHub takes paths relative to the repository's root, unless the upload names it.",
            ),
            GITLAB: _LOST,
            AZURE: _LOST,
        },
        _absolute,
    ),
    Rule("uri-outside", dict.fromkeys(RECEIVERS, _LOST), _outside),
    Rule("uri-spelling", dict.fromkeys(RECEIVERS, (Effect.POOR, "The schema wants a URI reference.")), _misspelt),
    Rule(
        "uri-base",
        {GITLAB: (Effect.MISFILED, "GitLab puts that before the path, which must be relative to the root.")},
        _based,
    ),
    Rule(
        "no-line",
        {
            GITHUB: (Effect.MISFILED, "GitHub demands startLine (GH1003); without one it is an alert of line 1."),
            GITLAB: (Effect.MISFILED, "Results of one rule in one file become one finding."),
        },
        _no_line,
    ),
    Rule("region-number", dict.fromkeys(RECEIVERS, (Effect.REJECTED, "The schema wants whole numbers.")), _no_number),
    Rule("region-order", dict.fromkeys(RECEIVERS, (Effect.MISFILED, "No lines can be shown.")), _reversed),
    Rule("file-missing", dict.fromkeys(RECEIVERS, (Effect.MISFILED, "The code cannot be shown beside it.")), _no_file),
    Rule("line-missing", dict.fromkeys(RECEIVERS, (Effect.MISFILED, "The code cannot be shown beside it.")), _beyond),
)
