"""Gemfile.lock, which Bundler writes. Sections without indent; `specs:`; entries with four spaces."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.inventory.locks.lockfile import Declared

_SECTIONS: Final = frozenset({"GEM", "GIT", "PATH", "PLUGIN SOURCE"})
_ENTRY: Final = re.compile(r"    ([^\s()]+)(?: \(([^\s()]+)\))?")
_FIELD: Final = re.compile(r"  (remote|revision): (\S+)")


def gemfile_lock(data: bytes) -> Iterator[Declared]:
    lines = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").split("\n")
    if not _SECTIONS.intersection(lines) and "DEPENDENCIES" not in lines:
        raise ValueError("it is no Gemfile.lock: it has none of the sections GEM, GIT, PATH and DEPENDENCIES")
    section = ""
    source: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(" "):
            section, source = line, {}
        elif section == "PATH" or section not in _SECTIONS:
            continue  # PATH is the project itself; the rest says what is wanted
        elif field := _FIELD.fullmatch(line):
            source[field[1]] = field[2]
        elif entry := _ENTRY.fullmatch(line):
            yield _declared(entry[1], entry[2] or "", source if section == "GIT" else {})


def _declared(name: str, version: str, source: dict[str, str]) -> Declared:
    """The platform stands behind the first dash, which no version of a gem has."""
    number, _dash, platform = version.partition("-")
    url, commit = source.get("remote", ""), source.get("revision", "")
    return Declared(name, number, commit=commit, url=url, qualifiers={"platform": platform})
