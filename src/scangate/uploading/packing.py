"""The file as the API wants it: compressed by gzip, in base64, inside JSON."""

import base64
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scangate.errors import UsageError
from scangate.linting import Document
from scangate.linting.case import Json, nodes, part, text
from scangate.linting.document import text_of
from scangate.uploading.environment import Destination

LARGEST: Final = 10_000_000
"""Bytes of the compressed file that GitHub takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What is sent. `results` and `categories` are for people."""

    body: bytes
    results: int
    categories: tuple[tuple[str, str], ...]


def payload(name: str, document: Document, to: Destination, *, root: Path, category: str, now: str) -> Payload:
    """Pack a file. `category` goes before those of its runs; `now` is when it started, unless a run says.

    Raises UsageError for a file that GitHub is certain to refuse whole.
    """
    if not document.log or not isinstance(document.log.get("runs"), list):
        why = document.flaws[-1][1] if document.flaws else "it has no runs"
        raise UsageError(f"{name} is no SARIF: {why}", advice=f"run `scangate lint {name}`")
    runs = nodes(document.log, "runs", "")
    for run in runs if category else ():
        _categorise(run.value, category)
    packed = gzip.compress(text_of(document.log).encode(), mtime=0)
    if len(packed) > LARGEST:
        raise UsageError(
            f"{name} has {len(packed):,} bytes after compression, and GitHub takes {LARGEST:,}",
            advice="report less, or split the file",
        )
    started = [text(each.value, "startTimeUtc") for run in runs for each in nodes(run.value, "invocations", "")]
    content: dict[str, Any] = {
        "commit_sha": to.commit,
        "ref": to.ref,
        "sarif": base64.b64encode(packed).decode(),
        "checkout_uri": root.resolve().as_uri(),
        "started_at": min(filter(None, started), default=now),
    }
    return Payload(
        body=json.dumps(content).encode(),
        results=sum(len(nodes(run.value, "results", "")) for run in runs),
        categories=tuple((text(run.value, "tool", "driver", "name"), _category(run.value)) for run in runs),
    )


def _categorise(run: Json, category: str) -> None:
    own = text(run, "automationDetails", "id")
    run["automationDetails"] = {**part(run, "automationDetails"), "id": f"{category.strip('/')}/{own}"}


def _category(run: Json) -> str:
    return text(run, "automationDetails", "id").rpartition("/")[0]
