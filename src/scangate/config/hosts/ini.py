"""One host a line, and what Ansible's INI inventory adds: groups, children, variables, ranges."""

import re
import shlex
from typing import Final

from scangate.config.hosts.entry import MAX_PROBLEMS, Listing
from scangate.config.hosts.groups import Groups

MAX_LINES: Final = 200_000
MAX_LINE: Final = 10_000
_SECTION: Final = re.compile(r"\[([^\[\]:]{1,200})(?::([a-z]{1,20}))?\]\s*(?:[#;].*)?", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*=")
UNGROUPED: Final = "ungrouped"


def read(text: str, group: str, listing: Listing) -> None:
    """Read a plain list or an INI inventory."""
    groups = Groups(listing)
    section, kind = UNGROUPED, ""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        listing.problem(f"has more than {MAX_LINES:,} lines", "split the file")
    for number, raw in enumerate(lines[:MAX_LINES], 1):
        line = raw.strip()
        if len(listing.problems) >= MAX_PROBLEMS:
            return
        if not line or line[0] in "#;":
            continue
        if len(line) > MAX_LINE:
            listing.problem(f"this line has more than {MAX_LINE:,} characters", line=number)
        elif match := _SECTION.fullmatch(line):
            section, kind = match[1].strip(), match[2] or ""
            if kind not in ("", "children", "vars"):
                listing.problem(f"[{section}:{kind}] is no kind of section", "children or vars", line=number)
            groups.open(section)
        elif kind == "children":
            groups.children.setdefault(section, {})[line.split()[0]] = None
            groups.open(line.split()[0])
        elif kind != "vars":
            _host(line, number, section, groups)
    groups.choose(group)


def _host(line: str, number: int, section: str, groups: Groups) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        groups.listing.problem("a quote is not closed", line=number)
        return
    if not words:
        return
    variables = {}
    for word in words[1:]:
        if not _VARIABLE.match(word):
            groups.listing.problem(f"{word!r} after the host is no variable", "write one host a line", line=number)
            return
        name, _, value = word.partition("=")
        variables[name] = value
    groups.add(section, words[0], number, variables)
