"""What GitHub code scanning and GitLab demand of a SARIF file beyond its schema, as far as they document it.

https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
https://docs.gitlab.com/user/application_security/detect/sarif/
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from scangate.linting import GITHUB, lint
from scangate.linting.document import parse

TEXT = 1_024
CLOSED = {"suppressed", "absent"}
"""What the full profile has on purpose, and GitHub would show as open."""


def linted(log: dict[str, Any], receiver: str = GITHUB, but: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    """Everything `scangate lint` says of a log, also what is merely poor."""
    found = lint(parse(json.dumps(log).encode()), receiver).problems
    return [f"{each.rule} at {each.pointer}: {each.text}" for each in found if each.rule not in but]


def complaints(log: dict[str, Any], *, github: bool) -> list[str]:
    """Every demand that is not met; none for a file that both take."""
    found = []
    if log.get("$schema") != "https://json.schemastore.org/sarif-2.1.0.json" or log.get("version") != "2.1.0":
        found.append("schema or version")
    runs = log["runs"]
    if len(runs) > 20:
        found.append("more than 20 runs")
    keys = [(run["tool"]["driver"]["name"], run["automationDetails"]["id"]) for run in runs]
    if len(set(keys)) != len(keys):
        found.append("two runs of one tool and category")
    for run in runs:
        found += [f"{run['automationDetails']['id']}: {each}" for each in _run(run, github=github)]
    return found


def _run(run: dict[str, Any], *, github: bool) -> Iterator[str]:
    driver = run["tool"]["driver"]
    if not re.fullmatch(r"scangate/[a-z]+/([a-z0-9-]+/)?", run["automationDetails"]["id"]):
        yield "the category does not end with a slash"
    if not re.fullmatch(r"\d+\.\d+\.\d+.*", driver["semanticVersion"]):
        yield "semanticVersion"
    if len(run["results"]) > 5_000 or len(driver["rules"]) > 25_000:
        yield "too many results or rules"
    for rule in (*driver["rules"], *driver["notifications"]):
        yield from _descriptor(rule)
    for rule in driver["rules"]:
        yield from _rule(rule, run)
    for result in run["results"]:
        yield from _result(result, driver["rules"])
        if github and {"suppressions", "baselineState"} & set(result):
            yield "GitHub ignores suppressions and baseline states"
    for optional in ("suppressions", "baselineState"):
        if len({optional in result for result in run["results"]}) > 1:
            yield f"{optional} on some results only"
    yield from _invocation(run, github=github)


def _invocation(run: dict[str, Any], *, github: bool) -> Iterator[str]:
    invocation = run["invocations"][0]
    if github and not invocation["executionSuccessful"]:
        yield "GitHub closes the alerts of a run that did not succeed"
    ids = [each["id"] for each in run["tool"]["driver"]["notifications"]]
    for each in invocation.get("toolExecutionNotifications", []):
        if ids[each["descriptor"]["index"]] != each["descriptor"]["id"] or not 0 < len(each["message"]["text"]) <= TEXT:
            yield f"notification {each}"


def _descriptor(rule: dict[str, Any]) -> Iterator[str]:
    for text in (rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["text"]):
        if not 0 < len(text.strip()) <= TEXT:
            yield f"rule {rule['id']!r}: a text is empty or too long: {len(text)}"
    if not rule["id"] or "/" in rule["id"] or not 0 < len(rule["name"]) <= 255 or rule["name"] == rule["id"]:
        yield f"rule {rule['id']!r}: id or name"


def _rule(rule: dict[str, Any], run: dict[str, Any]) -> Iterator[str]:
    properties = rule["properties"]
    if len(properties["tags"]) > 10 or "security" not in properties["tags"] or len(set(properties["tags"])) > 20:
        yield f"rule {rule['id']}: tags"
    severity = properties.get("security-severity")
    if severity is not None and not (isinstance(severity, str) and 0 < float(severity) <= 10):
        yield f"rule {rule['id']}: security-severity {severity!r}"
    link = rule.get("helpUri", "https://x")
    if not link.startswith("https://") or not urlsplit(link).hostname or len(link) > 2_048:
        yield f"rule {rule['id']}: helpUri {link!r}"
    for relation in rule.get("relationships", []):
        target = relation["target"]
        taxonomy = run["taxonomies"][target["toolComponent"]["index"]]
        if taxonomy["name"] != "CWE" or taxonomy["taxa"][target["index"]]["id"] != target["id"]:
            yield f"rule {rule['id']}: relationship {target}"


def _result(result: dict[str, Any], rules: list[dict[str, Any]]) -> Iterator[str]:
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield f"{result['ruleId']}: not the rule at its index"
    if not 0 < len(result["message"]["text"].strip()) <= TEXT:
        yield f"{result['ruleId']}: message"
    if result["level"] not in {"error", "warning", "note"} or not 0 <= result.get("rank", 50) <= 100:
        yield f"{result['ruleId']}: level or rank"
    if len(result["locations"]) != 1:
        yield f"{result['ruleId']}: locations"
    physical = result["locations"][0]["physicalLocation"]
    yield from _uri(physical["artifactLocation"]["uri"])
    region = physical["region"]
    if region["startLine"] < 1 or region.get("endLine", region["startLine"]) < region["startLine"]:
        yield f"{result['ruleId']}: region {region}"
    prints = result["partialFingerprints"]
    if not re.fullmatch(r"[0-9a-f]{16}:1", prints["primaryLocationLineHash"]) or not prints["scangate/v1"]:
        yield f"{result['ruleId']}: fingerprints {prints}"


def _uri(uri: str) -> Iterator[str]:
    parts = urlsplit(uri)
    first, *_rest = uri.split("/")
    segments = unquote(uri).split("/")
    wrong = parts.scheme or parts.netloc or parts.query or parts.fragment or ":" in first or uri.startswith("/")
    if wrong or not uri or {".", ".."} & set(segments) or not re.fullmatch(r"[!-~]+", uri):
        yield f"uri {uri!r}"
