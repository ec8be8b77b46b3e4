"""pnpm-lock.yaml, of lockfile versions 5 to 9. Up to 6 an entry says itself that it is for development only."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.inventory.documents import table, text
from scangate.inventory.locks.lockfile import Declared
from scangate.inventory.locks.npm import declared, is_elsewhere
from scangate.inventory.plain_yaml import read_yaml

_NAME: Final = r"(@[^/@\s]+/[^/@\s]+|[^/@\s]+)"
_AT: Final = re.compile(rf"/?{_NAME}@([^()\s]+)(?:\(.*)?")
"""`/name@1.0.0(peer@2.0.0)` of version 6, without the slash of version 9."""
_SLASH: Final = re.compile(rf"(?:[^/\s]+)?/{_NAME}/([0-9][^/_\s]*)(?:[_/].*)?")
"""`/name/1.0.0_peer@2.0.0` of version 5, or with the registry's host before it."""
_NEEDED: Final = ("dependencies", "optionalDependencies")


def pnpm_lock(data: bytes) -> Iterator[Declared]:
    for document in read_yaml(data):  # the second one since pnpm 11: the first is of its own tools
        if not text(document, "lockfileVersion"):
            raise ValueError("it is no pnpm-lock.yaml: `lockfileVersion` is not there")
        snapshots = table(document, "snapshots")
        needed = _needed(table(document, "importers"), snapshots) if snapshots else None
        for key, fields in table(document, "packages").items():
            if needed is None or key in needed:
                yield from _entry(key, table(fields))


def _entry(key: str, fields: Mapping[str, Any]) -> Iterator[Declared]:
    resolution = table(fields, "resolution")
    if text(fields, "dev") == "true" or text(resolution, "type") == "directory" or text(resolution, "directory"):
        return
    if is_elsewhere(fields.get("os")):
        return
    found = _AT.fullmatch(key) or _SLASH.fullmatch(key)
    name = text(fields, "name") or (found[1] if found else "")
    number = found[2] if found else ""
    version = text(fields, "version") or ("" if ":" in number else number)
    if commit := text(resolution, "commit"):
        yield Declared(name, version, commit=commit, url=text(resolution, "repo"), where=key)
    elif number.startswith("file:") and not version:
        return
    else:
        for each in declared(name, version, text(resolution, "tarball")):
            yield each._replace(where=key)


def _needed(importers: Mapping[str, Any], snapshots: Mapping[str, Any]) -> set[str] | None:
    """Follow what the projects need to run: the keys of `packages`, which are those of `snapshots` without peers."""
    if not importers:
        return None
    pending = [key for importer in importers.values() for key in _wanted(importer)]
    seen: set[str] = set()
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            pending += _wanted(snapshots.get(key))
    return {key.partition("(")[0] for key in seen}


def _wanted(entry: Any) -> Iterator[str]:
    for kind in _NEEDED:
        for name, value in table(entry, kind).items():
            version = text(value, "version") if isinstance(value, dict) else text(value)
            # `ms@2.0.0` for an alias, `2.0.0(peer@1.0.0)` for all others
            yield version if _is_key(version) else f"{name}@{version}"


def _is_key(version: str) -> bool:
    return "@" in version.partition("(")[0][1:] and not version.startswith(("http:", "https:", "git", "file:", "link:"))
