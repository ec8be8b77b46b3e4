"""How bad an algorithm is: our own table first, and for names that are not in it what ssh-audit says."""

import re
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Final

from scangate.scanners.ssh_audit.parse import Algorithm

_FILE: Final = Path(__file__).with_name("algorithms.tsv")
# What every classic algorithm is told, what is a matter of its key, and what has a rule of its own.
_OF_NO_WEIGHT: Final = (
    "post-quantum", "encrypt-and-MAC", "modulus", "suspected as being backdoored", "unknown algo", "Terrapin",
)  # fmt: skip


class Grade(IntEnum):
    """DATED should go; BROKEN must; OPEN protects nothing."""

    FINE = 0
    DATED = 1
    BROKEN = 2
    OPEN = 3


@dataclass(frozen=True, slots=True)
class Graded:
    """An algorithm, and why it is as bad as it is."""

    name: str
    grade: Grade
    why: str


def grade(algorithm: Algorithm) -> Graded:
    """Judge one by its name, or else by what ssh-audit noted."""
    for pattern, known, why in _table():
        if pattern.fullmatch(algorithm.name):
            return Graded(algorithm.name, known, why)
    for notes, found in ((algorithm.fails, Grade.BROKEN), (algorithm.warnings, Grade.DATED)):
        for note in notes:
            if not any(word in note for word in _OF_NO_WEIGHT):
                return Graded(algorithm.name, found, note)
    return Graded(algorithm.name, Grade.FINE, "")


@cache
def _table() -> tuple[tuple[re.Pattern[str], Grade, str], ...]:
    lines = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = (line.split("\t") for line in lines[1:])
    return tuple((re.compile(translate(name)), Grade[word.upper()], why) for name, word, why in rows)
