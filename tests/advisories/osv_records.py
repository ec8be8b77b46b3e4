"""OSV records of our own making, and folders of them."""

import json
import zipfile
from pathlib import Path
from typing import Any


def record(identifier: str, *affected: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "schema_version": "1.7.3",
        "id": identifier,
        "modified": "2026-01-02T03:04:05Z",
        "affected": list(affected),
    } | more


def entry(ecosystem: str, name: str, *ranges: str, versions: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A range is written `introduced 0, fixed 1.2`."""
    return {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": [_event(event) for event in each.split(", ")]} for each in ranges],
        "versions": list(versions),
    } | more


def _event(text: str) -> dict[str, str]:
    kind, _space, version = text.partition(" ")
    return {kind: version}


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def write_zip(path: Path, *records: Any) -> Path:
    """Bytes are written as they are, so that a test can break them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, each in enumerate(records):
            name = each["id"] if isinstance(each, dict) and isinstance(each.get("id"), str) else f"record{number}"
            archive.writestr(f"{name}.json", each if isinstance(each, bytes) else dump(each))
    return path
