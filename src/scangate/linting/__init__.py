"""What a receiver would reject, drop or misfile in a SARIF file, anybody's; and what can be mended in it.

No public validator checks the receivers' present limits. docs/sarif.md lists the rules with their sources.

    document.py    reads and writes a file, whatever it holds
    case.py        what the rules look at
    repository.py  the files that results point at
    rules/         one function for each rule
    check.py       all rules over one file, and mending it
"""

from scangate.linting.check import Found, fix, lint
from scangate.linting.document import LARGEST, Document, read, write
from scangate.linting.repository import Repository
from scangate.linting.rules import RULES
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, RECEIVERS, Effect, Problem

__all__ = [
    "AZURE",
    "GITHUB",
    "GITLAB",
    "LARGEST",
    "RECEIVERS",
    "RULES",
    "Document",
    "Effect",
    "Found",
    "Problem",
    "Repository",
    "fix",
    "lint",
    "read",
    "write",
]
