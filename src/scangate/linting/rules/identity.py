"""What makes two results one, today and in the next scan; and what kind of report GitLab files a result in."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.linting.case import Case, Node, RunView, items, nodes, part, rule_id, suppressed, text, whole
from scangate.linting.rules.descriptors import LINK, NAME, TEXT
from scangate.linting.rules.rule import GITHUB, GITLAB, Effect, Hit, Rule
from scangate.linting.rules.runs import SHOWN, category
from scangate.linting.spots import absolute, scheme, spots

KEY: Final = "primaryLocationLineHash"
_DIGITS: Final = re.compile(r"[0-9]+")
_SECRETS: Final = frozenset({"256", "257", "312", "319", "522"})
"""Weaknesses that need not be about a secret in the repository, and by which GitLab files a result there."""
_CWE: Final = re.compile(r"(?i)(?:.*/)?cwe[-:]0*([0-9]{1,6})")
_CVE: Final = re.compile(r"(?i)CVE-[0-9]{4}-[0-9]{4,19}")


def _no_fingerprint(case: Case) -> Iterator[Hit]:
    met: Counter[str] = Counter()
    for run, result in case.results():
        if not text(result.value, "partialFingerprints", KEY):
            mend = partial(_print, case, run, result, met)
            yield Hit(f"{result.pointer}/partialFingerprints/{KEY}", "the result has no fingerprint", mend)


def _print(case: Case, run: RunView, result: Node, met: Counter[str]) -> None:
    """Write GitHub's own hash of the line where the file is at hand; else one that a moved line does not change."""
    value = _line_hash(case, result)
    if not value:
        place = next(iter(nodes(result.value, "locations", "")), None)
        logical = nodes(place.value, "logicalLocations", "") if place else ()
        words = _DIGITS.sub("0", text(result.value, "message", "text"))
        where = text(place.value, "physicalLocation", "artifactLocation", "uri") if place else ""
        names = [text(each.value, "fullyQualifiedName") for each in logical]
        known = json.dumps([category(run.node.value), rule_id(result.value), where, names, words])
        digest = hashlib.sha256(known.encode()).hexdigest()[:16]
        met[digest] += 1
        value = f"{digest}:{met[digest]}"
    result.value["partialFingerprints"] = {**part(result.value, "partialFingerprints"), KEY: value}


def _line_hash(case: Case, result: Node) -> str:
    place = next(iter(nodes(result.value, "locations", "")), None)
    uri = text(place.value, "physicalLocation", "artifactLocation", "uri") if place else ""
    line = whole(part(place.value, "physicalLocation", "region"), "startLine") if place else None
    if not case.repository or not uri or not line or absolute(uri) or scheme(uri):
        return ""
    return case.repository.line_hash(uri, line)


def _shared(case: Case) -> Iterator[Hit]:
    apart: Counter[str] = Counter()
    met: dict[tuple[str, ...], str] = {}
    for run, result in case.results():
        value = text(result.value, "partialFingerprints", KEY)
        place = next(iter(nodes(result.value, "locations", "")), None)
        where = text(place.value, "physicalLocation", "artifactLocation", "uri") if place else ""
        key = (text(run.driver, "name"), category(run.node.value), rule_id(result.value), where, value)
        if value and met.setdefault(key, result.pointer) != result.pointer:
            words = f"another result of the rule in the file has the fingerprint {value:.60}"
            yield Hit(f"{result.pointer}/partialFingerprints/{KEY}", words, partial(_tell_apart, result, value, apart))


def _tell_apart(result: Node, value: str, met: Counter[str]) -> None:
    words = _DIGITS.sub("0", text(result.value, "message", "text"))
    digest = hashlib.sha256(json.dumps([value, words]).encode()).hexdigest()[:16]
    met[digest] += 1
    result.value["partialFingerprints"] = {**part(result.value, "partialFingerprints"), KEY: f"{digest}:{met[digest]}"}


def _same_place(case: Case) -> Iterator[Hit]:
    met: dict[tuple[object, ...], str] = {}
    for spot in spots(case):
        lines = (whole(spot.region, "startLine"), whole(spot.region, "endLine"))
        rule = rule_id(spot.result.value)
        key = (text(spot.run.driver, "name"), rule, spot.uri, *lines)
        if not rule or suppressed(spot.result.value):
            continue
        if met.setdefault(key, spot.result.pointer) != spot.result.pointer:
            words = f"another result of rule {rule:.100} points at the same lines of {spot.uri:.200}"
            yield Hit(spot.pointer, words)


def _secret(case: Case) -> Iterator[Hit]:
    for _run, rule in case.rules():
        tags = [each for each in items(part(rule.value, "properties"), "tags") if isinstance(each, str)]
        targets = [each.value for each in nodes(rule.value, "relationships", "")]
        numbers = {match[1] for each in tags if (match := _CWE.fullmatch(each))}
        numbers |= {text(each, "target", "id").upper().removeprefix("CWE-") for each in targets}
        about = [text(rule.value, "id"), *tags]
        if (wrong := numbers & _SECRETS) and not any(_CVE.fullmatch(each) for each in about):
            words = f"rule {text(rule.value, 'id'):.100} refers to CWE-{min(wrong, key=int)}"
            yield Hit(rule.pointer, words)


def _mostly_skipped(case: Case) -> Iterator[Hit]:
    whole_file = skipped = 0
    there = {id(spot.result.value) for spot in spots(case)}
    for run in case.runs:
        for result in (each for each in run.results[:SHOWN] if not suppressed(each.value)):
            whole_file += 1
            skipped += id(result.value) not in there or not rule_id(result.value) or _oversized(run, result)
    if skipped * 2 > whole_file:
        yield Hit("/runs", f"GitLab would skip {skipped:,} of {whole_file:,} results, more than half")


def _oversized(run: RunView, result: Node) -> bool:
    rule = run.rule_of(result.value)
    said = rule.value if rule and rule.built_in else {}
    texts = [
        text(result.value, "message", "text"),
        *(text(said, each, "text") for each in ("shortDescription", "fullDescription")),
    ]
    return (
        any(len(each) > TEXT for each in texts) or len(text(said, "name")) > NAME or len(text(said, "helpUri")) > LINK
    )


RULES: Final = (
    Rule(
        "fingerprint-missing",
        {
            GITHUB: (
                Effect.MISFILED,
                "Alerts come anew when lines move, unless the uploader computes one from the file.",
            )
        },
        _no_fingerprint,
    ),
    Rule("fingerprint-shared", {GITHUB: (Effect.DROPPED, "GitHub makes one alert of them.")}, _shared),
    Rule(
        "same-place",
        {GITLAB: (Effect.DROPPED, "GitLab tells findings apart by rule, file and lines only, and makes one of them.")},
        _same_place,
    ),
    Rule(
        "filed-as-secret",
        {GITLAB: (Effect.MISFILED, "GitLab files its results under secret detection, whatever they are about.")},
        _secret,
    ),
    Rule(
        "mostly-skipped",
        {GITLAB: (Effect.REJECTED, "The scan counts as failed, and nothing of the file is stored.")},
        _mostly_skipped,
    ),
)
