"""Holds what checkov parsed against what is there. Checkov drops files it cannot parse, most of them without a word."""

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping

from scangate.core.model import Gap
from scangate.scanners.checkov.census import HEAD, Census, head

Parsed = Mapping[str, Mapping[str, int]]
"""Framework to absolute path to number of definitions."""


def uncovered(census: Census, parsed: Parsed, failed: Mapping[str, str], name: Callable[[str], str]) -> Iterator[Gap]:
    """Yield a gap for each file that checkov should have parsed and did not, with the reason where it can be known."""
    for path, owners in sorted(census.owned.items()):
        missing = sorted(owner for owner in owners if not _count(parsed, owner, path))
        if missing and _of_a_chart(census, path):
            continue
        if missing:
            yield Gap(what=name(path), reason=_reason(path, missing, failed))
        elif "kubernetes" in owners and (seen := _count(parsed, "kubernetes", path)) < (
            asked := census.documents.get(path, 0)
        ):
            yield Gap(
                what=name(path), reason=f"checkov took only {seen} of its {asked} documents for Kubernetes manifests"
            )


def asked(census: Census, found: Collection[str]) -> int:
    """Count how many files a scan was to cover: those that are plainly infrastructure code, and those with a result."""
    return len(
        {path for path in census.owned if not _of_a_chart(census, path)} | {*census.gaps, *census.searched, *found}
    )


def _count(parsed: Parsed, framework: str, path: str) -> int:
    files = parsed.get(framework, {})
    return files.get(path) or files.get(os.path.realpath(path), 0)


def _of_a_chart(census: Census, path: str) -> bool:
    """The templates of a Helm chart are the chart's one gap."""
    return any(path.startswith(f"{chart}/templates/") for chart in census.charts)


def _reason(path: str, missing: list[str], failed: Mapping[str, str]) -> str:
    crashed = [framework for framework in missing if framework in failed]
    if crashed:
        return f"checkov crashed on {', '.join(crashed)}"
    if "github_actions" in missing and not _fault(path, template=False):
        return "checkov's own schema of workflows refuses it"
    return _fault(path) or f"checkov could not parse it as {' or '.join(missing)}"


def _fault(path: str, *, template: bool = True) -> str:
    """What is wrong with the file itself, if it can be told. `template`: whether `{{` says that it is one."""
    try:
        text = head(path)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if "\N{REPLACEMENT CHARACTER}" in text:
        return "it is not UTF-8 text"
    if template and "{{" in text and path.endswith((".yaml", ".yml")):
        return "it is a template, not a manifest: render it first"
    if len(text) >= HEAD:
        return ""
    if path.endswith(".json"):
        return _json_fault(text)
    return _yaml_fault(text) if path.endswith((".yaml", ".yml")) else ""


def _json_fault(text: str) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is not valid JSON: line {error.lineno}: {error.msg}"
    except RecursionError:
        return "it is nested too deeply"
    return ""


def _yaml_fault(text: str) -> str:
    import yaml

    try:
        for _ in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return f"it is not valid YAML: line {line}: {error.problem}"
    except yaml.YAMLError:
        return "it is not valid YAML"
    return ""
