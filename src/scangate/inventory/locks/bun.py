"""bun.lock, the text that Bun writes since 1.2: JSON with comments and commas too many. Its older form is binary."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from scangate.inventory.documents import read_json, required, table, text
from scangate.inventory.locks.lockfile import Declared
from scangate.inventory.locks.npm import declared, is_elsewhere

_EXTRA: Final = re.compile(r'("(?:[^"\\\n]|\\.)*+"?)|,(?=\s*+[}\]])|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?')
_RESOLVED: Final = re.compile(r"(@[^/@\s]+/[^/@\s]+|[^/@\s]+)@(.+)")
_NEEDED: Final = ("dependencies", "optionalDependencies", "peerDependencies")
_LOCAL: Final = ("workspace:", "link:", "file:", "root:")


def bun_lock(data: bytes) -> Iterator[Declared]:
    source = data.decode("utf-8-sig", errors="replace")
    document = read_json(_EXTRA.sub(lambda found: found[1] or "", source).encode(errors="replace"))
    required(document, "lockfileVersion", int, "bun.lock")
    packages = required(document, "packages", dict, "bun.lock")
    needed = _needed(table(document, "workspaces"), packages)
    for key, entry in packages.items():
        resolved = text(entry[0]) if isinstance(entry, list) and entry else ""
        found = _RESOLVED.fullmatch(resolved)
        if not found:
            yield Declared("", "", where=key)
        elif key in needed and not found[2].startswith(_LOCAL) and not is_elsewhere(_about(entry).get("os")):
            yield from declared(found[1], found[2])


def bun_binary(_data: bytes) -> Iterator[Declared]:
    raise ValueError("it is Bun's binary form: write it as text, with `bun install --save-text-lockfile`")


def _needed(workspaces: Mapping[str, Any], packages: Mapping[str, Any]) -> set[str]:
    """Follow what the projects need to run. A key is a path of names; what is not found below a name is above it."""
    pending = [("", name) for each in workspaces.values() for name in _wanted(table(each))]
    pending += [(text(each, "name"), name) for each in workspaces.values() for name in _wanted(table(each))]
    seen: set[str] = set()
    while pending:
        above, name = pending.pop()
        while above and f"{above}/{name}" not in packages:
            above = _parent(above)
        key = f"{above}/{name}" if above else name
        if key not in seen and key in packages:
            seen.add(key)
            pending += [(key, each) for each in _wanted(_about(packages[key]))]
    return seen


def _parent(key: str) -> str:
    """`a` of `a/@scope/b`, and nothing of `@scope/b`."""
    above = key.rpartition("/")[0]
    last = above.rpartition("/")[2]
    return above.rpartition("/")[0] if last.startswith("@") else above


def _wanted(entry: Mapping[str, Any]) -> Iterable[str]:
    return (name for kind in _NEEDED for name in table(entry, kind))


def _about(entry: Any) -> Mapping[str, Any]:
    """Return the part of an entry that says what it needs: second or third, as there is a registry or not."""
    return next((each for each in entry if isinstance(each, dict)), {}) if isinstance(entry, list) else {}
