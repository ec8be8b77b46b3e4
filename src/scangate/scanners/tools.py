"""Whether the programs a scanner needs are here, new enough, and not a version known to be bad."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scangate.errors import ToolMissingError
from scangate.scanners import Found, Need, Scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A need, what was found, and what is wrong with it; an empty `problem` is all well."""

    need: Need
    found: Found | None
    problem: str = ""


def check(scanner: Scanner, home: Path) -> Iterator[Checked]:
    """Look for each program of a scanner."""
    for need in scanner.needs():
        found = scanner.find(need, home)
        yield Checked(need=need, found=found, problem=_problem(need, found))


def require(scanner: Scanner, home: Path) -> None:
    """Raise ToolMissingError, with the command that mends it, for the first program that cannot be used."""
    for checked in check(scanner, home):
        if checked.problem:
            raise ToolMissingError(checked.problem, advice=f"run: {checked.need.install}")


def _problem(need: Need, found: Found | None) -> str:
    if found is None:
        return f"{need.name} is not installed"
    if found.version in need.bad:
        return f"{need.name} {found.version} is a version known to be malicious or broken"
    if need.minimum and _numbers(found.version) < _numbers(need.minimum):
        return f"{need.name} {found.version} is too old: at least {need.minimum} is needed"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version)[:4])
