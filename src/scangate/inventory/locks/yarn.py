"""yarn.lock: the format of its own that Yarn 1 has, and YAML since Yarn 2."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from scangate.inventory.documents import table, text
from scangate.inventory.locks.lockfile import Declared
from scangate.inventory.locks.npm import declared
from scangate.inventory.plain_yaml import read_yaml

_BERRY: Final = re.compile(rb"^__metadata:", re.MULTILINE)
_FIRST: Final = re.compile(r'^"?((?:@[^@/"\s]+/)?[^@"\s]+)@([^",:]*(?::[^",]*)?)')
"""The first of the ranges that stand before the colon: `"a@^1.0.0", a@~1.2.0:`."""
_FIELD: Final = re.compile(r'^  (version|resolved) "?([^"\n]*)"?$')
_SYSTEM: Final = re.compile(r"^os=(\w+)(?:\s|$)")
_PATCHED: Final = re.compile(r"patch:((?:@[^@/]+/)?[^@]+)@([^#]+)")


def yarn_lock(data: bytes) -> Iterator[Declared]:
    if not data.strip():
        return iter(())  # as Yarn itself has one made before it begins
    return _berry(data) if _BERRY.search(data) else _classic(data)


def _classic(data: bytes) -> Iterator[Declared]:
    source = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    if "yarn lockfile v1" not in source[:1000] and '\n  version "' not in source:
        raise ValueError("it is no yarn.lock: nothing says `yarn lockfile v1`, and no entry has a version")
    key = ""
    fields: dict[str, str] = {}
    for line in (*source.split("\n"), "end:"):
        if found := _FIELD.match(line):
            fields.setdefault(found[1], found[2])
        elif line and not line.startswith((" ", "#")):
            if key:
                yield from _entry(key, fields)
            key, fields = line, {}


def _entry(key: str, fields: dict[str, str]) -> Iterator[Declared]:
    found = _FIRST.match(key)
    if not found:
        yield Declared("", "", where=key[:50])
        return
    name, wanted = found[1], found[2].rstrip(":")
    if wanted.startswith("npm:") and "@" in wanted[5:]:
        name = wanted[4:].rpartition("@")[0]
    if wanted.startswith(("file:", "link:")) and not fields.get("resolved"):
        return
    yield from declared(name, fields.get("version", ""), fields.get("resolved", ""))


def _berry(data: bytes) -> Iterator[Declared]:
    """`resolution` says what was taken: `a@npm:1.0.0`, `a@workspace:.`, `a@patch:a@npm%3A1.0.0#...`, or an address."""
    for document in read_yaml(data):
        for key, fields in table(document).items():
            if key == "__metadata" or not isinstance(fields, dict):
                continue
            if (system := _SYSTEM.search(text(fields, "conditions"))) and system[1] != "linux":
                continue
            resolution = text(fields, "resolution")
            at = resolution.find("@", 1)
            name, how = resolution[:at], resolution[at + 1 :]
            if at < 1:
                yield Declared("", "", where=key[:100])
            elif patched := _PATCHED.match(how):
                yield from declared(patched[1], text(fields, "version"), unquote(patched[2]))
            elif how.startswith("workspace:") or text(fields, "linkType") == "soft":
                continue
            elif how.startswith(("npm:", "virtual:")):
                yield Declared(name, text(fields, "version"))
            else:
                address = f"git:{how}" if "#commit=" in how and not how.startswith("git") else how
                yield from declared(name, text(fields, "version"), address)
