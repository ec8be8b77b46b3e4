"""The file as a whole."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.linting.case import Case, items, text
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, RECEIVERS, Effect, Hit, Rule

MOST_RUNS: Final = 20
LARGEST: Final = 10_000_000
"""Bytes: GitHub's limit is for the compressed file, GitLab's (`ci_max_artifact_size_sarif`) for the file as it is."""
VERSION: Final = "2.1.0"
SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def _version(case: Case) -> Iterator[Hit]:
    if (version := case.log.get("version")) != VERSION:
        mend = partial(case.log.__setitem__, "version", VERSION) if version is None else None
        yield Hit("/version", f"version is {version!r:.40}" if version is not None else "there is no version", mend)


def _schema(case: Case) -> Iterator[Hit]:
    if not text(case.log, "$schema"):
        yield Hit("/$schema", "there is no $schema", partial(case.log.__setitem__, "$schema", SCHEMA))


def _draft(case: Case) -> Iterator[Hit]:
    if (schema := text(case.log, "$schema")) and ("2.1.0" not in schema or "rtm" in schema):
        mend = partial(case.log.__setitem__, "$schema", SCHEMA)
        yield Hit("/$schema", f"$schema is {schema:.200}, not the final standard's", mend)


def _no_run(case: Case) -> Iterator[Hit]:
    if not case.runs:
        yield Hit("/runs", "there is no run")


def _not_a_run(case: Case) -> Iterator[Hit]:
    found = items(case.log, "runs")
    yield from (Hit(f"/runs/{at}", "a run is no object") for at, each in enumerate(found) if not isinstance(each, dict))


def _too_many_runs(case: Case) -> Iterator[Hit]:
    if (count := len(items(case.log, "runs"))) > MOST_RUNS:
        yield Hit("/runs", f"{count:,} runs")


def _too_large(case: Case) -> Iterator[Hit]:
    if case.size > LARGEST:
        yield Hit("", f"{case.size:,} bytes")


def _too_large_packed(case: Case) -> Iterator[Hit]:
    if case.packed > LARGEST:
        yield Hit("", f"{case.packed:,} bytes after compression by gzip")


RULES: Final = (
    Rule(
        "version",
        dict.fromkeys(RECEIVERS, (Effect.REJECTED, "Only SARIF 2.1.0 is taken.")),
        _version,
    ),
    Rule(
        "schema-missing",
        {
            GITHUB: (Effect.POOR, "GitHub documents it as required."),
            AZURE: (Effect.POOR, "Readers tell the format by it."),
        },
        _schema,
    ),
    Rule(
        "schema-draft",
        dict.fromkeys(RECEIVERS, (Effect.POOR, "A draft has other names for some properties.")),
        _draft,
    ),
    Rule(
        "no-run",
        {
            GITHUB: (Effect.REJECTED, "GitHub demands one, with or without results."),
            GITLAB: (Effect.POOR, "Nothing is scanned, and nothing is shown."),
            AZURE: (Effect.REJECTED, "There is nothing to publish."),
        },
        _no_run,
    ),
    Rule("run-type", dict.fromkeys(RECEIVERS, (Effect.REJECTED, "The schema wants an object.")), _not_a_run),
    Rule(
        "too-many-runs",
        {
            GITHUB: (Effect.REJECTED, f"GitHub takes at most {MOST_RUNS} in a file: split it."),
            GITLAB: (Effect.REJECTED, f"GitLab takes at most {MOST_RUNS} in a file: split it."),
        },
        _too_many_runs,
    ),
    Rule(
        "file-too-large",
        {GITLAB: (Effect.REJECTED, "GitLab takes at most 10 MB: report less, or split the file.")},
        _too_large,
    ),
    Rule(
        "upload-too-large",
        {GITHUB: (Effect.REJECTED, "GitHub takes at most 10 MB: report less, or split the file.")},
        _too_large_packed,
    ),
)
